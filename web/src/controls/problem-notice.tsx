import { assertNever } from '../api/assert-never.ts';
import type { FormProblem } from '../api/form-problem.ts';
import { Notice } from './notice.tsx';
import { WaitNotice } from './wait-notice.tsx';

/** What went wrong, above the fields. Messages of single fields stand under those. */
export function ProblemNotice({ problem }: { readonly problem: FormProblem | null }) {
  if (problem === null) return null;
  switch (problem.kind) {
    case 'message':
    case 'fields':
      return <Notice tone="bad">{problem.text}</Notice>;
    case 'wait':
      return <WaitNotice wait={problem} />;
    case 'password':
      return (
        <Notice tone="bad">
          <p>Please choose another password:</p>
          <ul>
            {problem.reasons.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        </Notice>
      );
    default:
      return assertNever(problem);
  }
}
