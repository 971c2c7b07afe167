import type { RequestOrigin } from '#kernel/actor.ts';
import type { Session } from '../session.ts';
import type { SessionUser } from '../sessions.ports.ts';
import type { Principal } from './authenticate-request.ts';

/** Who is signed in by a session. */
export function toPrincipal(session: Session, user: SessionUser, origin: RequestOrigin): Principal {
  const { userId, id: sessionId, organisationId, authTime, amr } = session;
  return { actor: { kind: 'user', origin, userId, sessionId, organisationId, authTime, amr }, session, user };
}
