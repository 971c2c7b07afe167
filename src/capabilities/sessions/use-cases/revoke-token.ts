import type { Actor } from '#kernel/actor.ts';
import { hashOpaqueToken, isOpaqueToken } from '#platform/crypto/index.ts';
import type { UnitOfWork } from '#platform/db/index.ts';
import type { AccessTokens } from '../access-token.ts';
import type { Session } from '../session.ts';
import { AccessTokenInvalidError } from '../sessions.errors.ts';
import type { RefreshTokenStore, SessionStore } from '../sessions.ports.ts';
import { refreshTokenPrefix, sessionTokenPrefix } from './issue-session.ts';
import type { EndSessions } from './revoke-session.ts';

export interface RevokeTokenDeps {
  readonly unitOfWork: UnitOfWork;
  readonly sessions: Pick<SessionStore, 'findById' | 'findByTokenHash' | 'findInTransaction'>;
  readonly refreshTokens: Pick<RefreshTokenStore, 'findAndLock'>;
  readonly accessTokens: Pick<AccessTokens, 'verify'>;
  readonly endSessions: EndSessions;
}

export type RevokeToken = (actor: Actor, input: { readonly token: string }) => Promise<void>;

/**
 * Revokes a token for whoever holds it, which is all that a public client can prove (RFC 7009, 2.1). Any token of a session
 * ends the session: its refresh tokens, and at once its access tokens, since each use of one asks for the session. So no
 * access token is ever revoked without its session, and there is no list of revoked `jti`s to keep or to ask. A token that
 * is unknown or has ended is no error (RFC 7009, 2.2). No proof of possession is wanted: giving up is no harm to be done
 * with a stolen token.
 */
export const revokeToken =
  ({ unitOfWork, sessions, refreshTokens, accessTokens, endSessions }: RevokeTokenDeps): RevokeToken =>
  async (actor, { token }) => {
    const end = ({ userId, id: sessionId }: Session) =>
      unitOfWork.hotTransaction((tx) => endSessions.one(tx, actor, { userId, sessionId, reason: 'token_revoked' }));

    if (isOpaqueToken(refreshTokenPrefix, token)) {
      await unitOfWork.hotTransaction(async (tx) => {
        // Locked as by a refresh: of the two at once, the later one finds what the other has left.
        const found = await refreshTokens.findAndLock(tx, hashOpaqueToken(token));
        const owner = found && (await sessions.findInTransaction(tx, found.sessionId));
        if (!owner) return;
        const { userId, id: sessionId } = owner.session;
        await endSessions.one(tx, actor, { userId, sessionId, reason: 'token_revoked' });
      });
      return;
    }
    const found = await findByAccess(token);
    if (found) await end(found.session);

    async function findByAccess(presented: string) {
      if (isOpaqueToken(sessionTokenPrefix, presented)) return sessions.findByTokenHash(hashOpaqueToken(presented));
      try {
        return await sessions.findById(await accessTokens.verify(presented));
      } catch (error) {
        if (error instanceof AccessTokenInvalidError) return null;
        throw error;
      }
    }
  };
