import type {
  ChallengeRequiredFragment,
  InvalidInputFragment,
  PasswordRejectedFragment,
  RateLimitedFragment,
} from '../gql/graphql.ts';
import { assertNever } from './assert-never.ts';
import { describePasswordRejection } from './password-rejection.ts';
import { describeFailure, type RequestFailure } from './request-failure.ts';

/** What a form has to say after it was sent in vain. */
export type FormProblem =
  | { readonly kind: 'message'; readonly text: string }
  | { readonly kind: 'wait'; readonly retryAfterSeconds: number; readonly busy: boolean }
  | {
      readonly kind: 'fields';
      readonly text: string;
      readonly fields: readonly { readonly name: string; readonly message: string }[];
    }
  | { readonly kind: 'password'; readonly reasons: readonly string[]; readonly minLength: number };

export type SharedError =
  | ({ readonly __typename: 'ChallengeRequiredError' } & ChallengeRequiredFragment)
  | ({ readonly __typename: 'InvalidInputError' } & InvalidInputFragment)
  | ({ readonly __typename: 'RateLimitedError' } & RateLimitedFragment)
  | ({ readonly __typename: 'PasswordRejectedError' } & PasswordRejectedFragment);

export function messageProblem(text: string): FormProblem {
  return { kind: 'message', text };
}

/** The errors that many results share, as problems of a form. */
export function problemOf(error: SharedError): FormProblem {
  switch (error.__typename) {
    case 'InvalidInputError':
      return {
        kind: 'fields',
        text: error.fields.length === 0 ? error.message : 'Please look at what is marked below.',
        fields: error.fields.map((field) => ({ name: lastSegment(field.path), message: field.message })),
      };
    case 'ChallengeRequiredError':
      // The request was sent again with a solution, in vain: see execute.ts.
      return messageProblem('There were many attempts. Please try again.');
    case 'RateLimitedError':
      return { kind: 'wait', retryAfterSeconds: error.retryAfterSeconds, busy: false };
    case 'PasswordRejectedError':
      return {
        kind: 'password',
        reasons: error.reasons.map((reason) => describePasswordRejection(reason, error.minLength)),
        minLength: error.minLength,
      };
    default:
      return assertNever(error);
  }
}

export function problemOfFailure(failure: RequestFailure): FormProblem {
  if (failure.kind === 'busy' && failure.retryAfterSeconds !== undefined) {
    return { kind: 'wait', retryAfterSeconds: failure.retryAfterSeconds, busy: true };
  }
  return messageProblem(describeFailure(failure));
}

/** The message that belongs under the field of that name, or null. */
export function fieldMessage(problem: FormProblem | null, name: string): string | null {
  if (problem?.kind !== 'fields') return null;
  return problem.fields.find((field) => field.name === name)?.message ?? null;
}

function lastSegment(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}
