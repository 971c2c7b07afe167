import { assertNever } from '../api/assert-never.ts';
import { problemOf } from '../api/form-problem.ts';
import { useSubmission } from '../api/use-submission.ts';
import { ProblemNotice } from '../controls/problem-notice.tsx';
import { SignOut } from './account.ts';

export function SignOutButton({ onSignedOut }: { readonly onSignedOut: () => void }) {
  const { busy, problem, submit } = useSubmission(SignOut, ({ logout }) => {
    switch (logout.__typename) {
      case 'LogoutSuccess':
      case 'UnauthenticatedError':
        onSignedOut();
        return null;
      case 'RateLimitedError':
        return problemOf(logout);
      default:
        return assertNever(logout);
    }
  });
  return (
    <>
      <ProblemNotice problem={problem} />
      <button type="button" className="button button-quiet button-small" disabled={busy} onClick={() => submit({})}>
        Sign out
      </button>
    </>
  );
}
