import { assertNever } from '../api/assert-never.ts';
import { problemOf } from '../api/form-problem.ts';
import { useSubmission } from '../api/use-submission.ts';
import { ProblemNotice } from '../controls/problem-notice.tsx';
import { describeEnded } from './describe-ended.ts';
import { RevokeOtherSessions } from './revoke.ts';

export interface RevokeOthersButtonProps {
  onEnded(message: string): void;
  onSessionEnded(): void;
}

export function RevokeOthersButton({ onEnded, onSessionEnded }: RevokeOthersButtonProps) {
  const { busy, problem, submit } = useSubmission(RevokeOtherSessions, ({ revokeOtherSessions }) => {
    switch (revokeOtherSessions.__typename) {
      case 'RevokeOtherSessionsSuccess':
        onEnded(describeEnded(revokeOtherSessions.revokedCount));
        return null;
      case 'UnauthenticatedError':
        onSessionEnded();
        return null;
      case 'RateLimitedError':
        return problemOf(revokeOtherSessions);
      default:
        return assertNever(revokeOtherSessions);
    }
  });
  return (
    <>
      <ProblemNotice problem={problem} />
      <button type="button" className="button button-quiet button-small" disabled={busy} onClick={() => submit({})}>
        Sign out all others
      </button>
    </>
  );
}
