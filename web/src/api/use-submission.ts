import { useRef, useState } from 'react';
import type { TypedDocumentString } from '../gql/graphql.ts';
import { execute } from './execute.ts';
import { type FormProblem, problemOfFailure } from './form-problem.ts';
import { RequestFailure } from './request-failure.ts';

export interface Submission<TVariables> {
  readonly busy: boolean;
  readonly problem: FormProblem | null;
  submit(variables: TVariables): void;
}

/** Runs a mutation once at a time. `onResult` acts on the typed result and returns the problem to show, or null. */
export function useSubmission<TResult, TVariables>(
  document: TypedDocumentString<TResult, TVariables>,
  onResult: (result: TResult) => FormProblem | null,
): Submission<TVariables> {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<FormProblem | null>(null);
  const running = useRef(false);

  async function run(variables: TVariables): Promise<void> {
    if (running.current) return;
    running.current = true;
    setBusy(true);
    try {
      setProblem(onResult(await execute(document, variables)));
    } catch (failure) {
      if (!(failure instanceof RequestFailure)) throw failure;
      setProblem(problemOfFailure(failure));
    } finally {
      running.current = false;
      setBusy(false);
    }
  }

  return { busy, problem, submit: (variables) => void run(variables) };
}
