import type { RequestOrigin } from '#kernel/actor.ts';
import type { Session } from '../session.ts';
import type { SessionStore, SessionUser } from '../sessions.ports.ts';
import type { Principal } from './authenticate-request.ts';

export interface PrincipalOfDeps {
  readonly sessions: Pick<SessionStore, 'findUser'>;
}

export type PrincipalOf = (session: Session, origin: RequestOrigin) => Promise<Principal>;

/** Who is signed in by a session that has just begun. */
export const principalOf =
  ({ sessions }: PrincipalOfDeps): PrincipalOf =>
  async (session, origin) =>
    toPrincipal(session, await sessions.findUser(session.userId), origin);

export function toPrincipal(session: Session, user: SessionUser, origin: RequestOrigin): Principal {
  const { userId, id: sessionId, organisationId, authTime, amr } = session;
  return { actor: { kind: 'user', origin, userId, sessionId, organisationId, authTime, amr }, session, user };
}
