import { assertNever } from '../api/assert-never.ts';
import { messageProblem, problemOf } from '../api/form-problem.ts';
import { useSubmission } from '../api/use-submission.ts';
import { ProblemNotice } from '../controls/problem-notice.tsx';
import { describeDevice } from '../device/describe-device.ts';
import { DeviceIcon } from '../device/device-icon.tsx';
import type { SessionRowFragment } from '../gql/graphql.ts';
import { describeAbsolute } from '../time/describe-time.ts';
import { RelativeTime } from '../time/relative-time.tsx';
import { RevokeSession } from './revoke.ts';

export interface SessionRowProps {
  readonly session: SessionRowFragment;
  onEnded(message: string): void;
  onSessionEnded(): void;
}

export function SessionRow({ session, onEnded, onSessionEnded }: SessionRowProps) {
  const device = { ...describeDevice(session.userAgent), ...(session.device && { label: session.device.name }) };
  const { busy, problem, submit } = useSubmission(RevokeSession, ({ revokeSession }) => {
    switch (revokeSession.__typename) {
      case 'RevokeSessionSuccess':
        onEnded(`The session of ${device.label} was signed out.`);
        return null;
      case 'NotFoundError':
        onEnded('That session was over already.');
        return null;
      case 'UnauthenticatedError':
        onSessionEnded();
        return null;
      case 'InvalidInputError':
        return messageProblem(revokeSession.message);
      case 'RateLimitedError':
        return problemOf(revokeSession);
      default:
        return assertNever(revokeSession);
    }
  });

  return (
    <li className="session" data-current={session.isCurrent || undefined}>
      <DeviceIcon handheld={device.handheld} />
      <div className="session-text">
        <p className="session-title">
          {device.label}{' '}
          {session.isCurrent && (
            <span className="badge" data-tone="GOOD">
              This session
            </span>
          )}
        </p>
        <p className="meta">
          <span>{session.ipAddress}</span>
          <span>{session.isCurrent ? 'in use now' : <LastUsed iso={session.lastUsedAt} />}</span>
        </p>
        <p className="meta">
          <span>Signed in {describeAbsolute(session.createdAt)}</span>
        </p>
        <ProblemNotice problem={problem} />
      </div>
      {!session.isCurrent && (
        <button
          type="button"
          className="button button-quiet button-small"
          disabled={busy}
          aria-label={`Sign out ${device.label}, ${session.ipAddress}`}
          onClick={() => submit({ input: { sessionId: session.id } })}
        >
          Sign out
        </button>
      )}
    </li>
  );
}

function LastUsed({ iso }: { readonly iso: string }) {
  return (
    <>
      used <RelativeTime iso={iso} />
    </>
  );
}
