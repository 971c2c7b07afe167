import { Card } from '../layout/card.tsx';
import { describeDay } from '../time/describe-time.ts';
import type { Viewer } from './use-account.ts';

export function ProfileCard({ viewer }: { readonly viewer: Viewer }) {
  const { user, organisation } = viewer;
  return (
    <Card title="Your account">
      <dl className="facts">
        <div>
          <dt>Name</dt>
          <dd>{user.displayName}</dd>
        </div>
        {user.emailAddresses.map((email) => (
          <div key={email.id}>
            <dt>{email.isPrimary ? 'E-mail' : 'Further e-mail'}</dt>
            <dd>
              <span className="breakable">{email.address}</span>{' '}
              <span className="badge" data-tone={email.verifiedAt === null ? 'WARNING' : 'GOOD'}>
                {email.verifiedAt === null ? 'Not confirmed' : 'Confirmed'}
              </span>
            </dd>
          </div>
        ))}
        <div>
          <dt>Organisation</dt>
          <dd>{organisation.name}</dd>
        </div>
        <div>
          <dt>Member since</dt>
          <dd>{describeDay(user.createdAt)}</dd>
        </div>
      </dl>
    </Card>
  );
}
