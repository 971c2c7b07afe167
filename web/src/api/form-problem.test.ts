import { describe, expect, it } from 'vitest';
import { PasswordRejection } from '../gql/graphql.ts';
import { fieldMessage, problemOf, problemOfFailure } from './form-problem.ts';
import { RequestFailure } from './request-failure.ts';

describe('problemOf', () => {
  it('puts the message of each field under the field of that name, whatever path leads there', () => {
    const problem = problemOf({
      __typename: 'InvalidInputError',
      message: 'Some fields are not right.',
      fields: [
        { path: 'input.email', message: 'Not an address.' },
        { path: 'displayName', message: 'Too long.' },
      ],
    });
    expect(fieldMessage(problem, 'email')).toBe('Not an address.');
    expect(fieldMessage(problem, 'displayName')).toBe('Too long.');
    expect(fieldMessage(problem, 'password')).toBeNull();
  });

  it('tells why a password was turned down, with the length that is asked for', () => {
    const problem = problemOf({
      __typename: 'PasswordRejectedError',
      reasons: [PasswordRejection.TooShort, PasswordRejection.Common],
      minLength: 15,
    });
    expect(problem).toMatchObject({ kind: 'password', minLength: 15 });
    expect(problem.kind === 'password' && problem.reasons[0]).toContain('15 characters');
  });
});

describe('problemOfFailure', () => {
  it('becomes a wait only when a busy server says for how long', () => {
    expect(problemOfFailure(new RequestFailure('busy', { retryAfterSeconds: 3 }))).toEqual({
      kind: 'wait',
      retryAfterSeconds: 3,
      busy: true,
    });
    expect(problemOfFailure(new RequestFailure('busy')).kind).toBe('message');
  });

  it('quotes the correlation id of a masked defect', () => {
    const problem = problemOfFailure(new RequestFailure('defect', { correlationId: '0199-ab' }));
    expect(problem.kind === 'message' && problem.text).toContain('0199-ab');
  });
});
