import type { AppendEvent } from '#capabilities/events/index.ts';
import type { Actor } from '#kernel/actor.ts';
import type { Clock } from '#kernel/clock.ts';
import { type DeviceId, newId, type OrganisationId, type SessionId, type UserId } from '#kernel/ids.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { Secret } from '#kernel/secret.ts';
import { together } from '#kernel/together.ts';
import { hashOpaqueToken, newOpaqueToken } from '#platform/crypto/index.ts';
import type { HotTx } from '#platform/db/index.ts';
import type { AccessTokens, IssuedAccessToken } from '../access-token.ts';
import { beginSession, type Session, type SessionTimeouts } from '../session.ts';
import type { SessionLimit } from '../session-policy.ts';
import { sessionRefused } from '../sessions.events.ts';
import type { RefreshTokenStore, SessionStore, SessionUser } from '../sessions.ports.ts';
import type { SessionBindings } from './hold-binding.ts';
import type { EndSessions } from './revoke-session.ts';

export const sessionTokenPrefix = 'spt';
export const refreshTokenPrefix = 'srt';

/** `cookie`: one opaque token for an HttpOnly cookie. `tokens`: an access token and a refresh token for the client to keep. */
export type TokenDelivery = 'cookie' | 'tokens';

export interface TokenSet {
  readonly access: IssuedAccessToken;
  readonly refreshToken: Secret<string>;
  readonly refreshTokenExpiresAt: Date;
}

/**
 * A session that has begun. `tokens` signs the access token, so it is called after the transaction: to read the signing key
 * may take a connection, and those that sign in at once would hold all of them.
 */
export type IssuedSession = { readonly session: Session; readonly user: SessionUser } & (
  | { readonly delivery: 'cookie'; readonly sessionToken: Secret<string> }
  | { readonly delivery: 'tokens'; tokens(): Promise<TokenSet> }
);

/**
 * No session began: the person has as many as the organisation allows, or is where it could not be used. Recorded, so the
 * transaction is to be committed.
 */
export type RefusedSession = { readonly refused: 'session-limit'; readonly limit: number } | { readonly refused: 'network' };

export interface IssueSessionInput {
  readonly actor: Actor;
  readonly userId: UserId;
  readonly organisationId: OrganisationId;
  readonly amr: readonly string[];
  readonly delivery: TokenDelivery;
  /** The key that the tokens shall be bound to. A cookie is bound to none. */
  readonly dpopJkt?: string | null;
  readonly deviceId: DeviceId | null;
  /** A session that ends when this one begins; it does not count against the limit. */
  readonly replaces: SessionId | null;
}

export interface IssueSessionDeps {
  readonly sessions: Pick<SessionStore, 'insert' | 'lockPerson' | 'countOthers' | 'withdraw'>;
  readonly endSessions: Pick<EndSessions, 'oldest'>;
  readonly bindings: Pick<SessionBindings, 'brokenBy'>;
  readonly appendEvent: AppendEvent;
  readonly refreshTokens: Pick<RefreshTokenStore, 'insertFirst'>;
  readonly accessTokens: Pick<AccessTokens, 'issue'>;
  readonly timeouts: SessionTimeouts;
  readonly clock: Clock;
}

export type IssueSession = (tx: HotTx, input: IssueSessionInput) => Promise<IssuedSession | RefusedSession>;

/**
 * Begins a session in the transaction of the sign-in that earned it. The tokens leave here only; the tables get hashes.
 * The organisation's policy shortens and binds it, and its limit ends the oldest other session or refuses this one.
 */
export const issueSession = (deps: IssueSessionDeps): IssueSession => {
  const { sessions, refreshTokens, accessTokens, endSessions, appendEvent, timeouts, clock } = deps;

  /**
   * Whether the session may stay. Inserted first and counted under a lock of the person's: of any that begin at once, each
   * sees those that were counted before it.
   */
  async function withinLimit(
    tx: HotTx,
    { actor, replaces }: IssueSessionInput,
    session: Session,
    { most, action }: SessionLimit,
  ): Promise<boolean> {
    await sessions.lockPerson(tx, session.userId);
    if (action === 'evict-oldest') {
      await endSessions.oldest(tx, actor, { session, replaces, keep: most - 1 });
      return true;
    }
    if ((await sessions.countOthers(tx, session, replaces, clock.now())) < most) return true;
    await withdraw(tx, actor, session, { reason: 'session_limit', limit: most });
    return false;
  }

  async function withdraw(tx: HotTx, actor: Actor, session: Session, data: JsonObject): Promise<void> {
    const { userId: subjectId, organisationId } = session;
    await sessions.withdraw(tx, session.id);
    await appendEvent(tx, { event: sessionRefused, actor, subjectId, organisationId, data });
  }

  return async (tx, input) => {
    const { actor, userId, organisationId, amr, delivery, deviceId, dpopJkt } = input;
    const now = clock.now();
    const { ipAddress, userAgent } = actor.origin;
    const binding = { dpopJkt: delivery === 'tokens' ? (dpopJkt ?? null) : null };
    const who = { id: newId('ses'), userId, organisationId, amr, ipAddress, userAgent, deviceId, ...binding };
    const sessionToken = newOpaqueToken(sessionTokenPrefix);
    const tokenHash = delivery === 'cookie' ? hashOpaqueToken(sessionToken.reveal()) : null;
    const refreshToken = delivery === 'tokens' ? newOpaqueToken(refreshTokenPrefix) : null;
    const first = { id: newId('rft'), sessionId: who.id, createdAt: now };
    const [{ session, user, limit }] = await together(
      sessions.insert(tx, beginSession(who, now, timeouts), tokenHash),
      refreshToken ? refreshTokens.insertFirst(tx, first, hashOpaqueToken(refreshToken.reveal())) : Promise.resolve(),
    );
    // It would be refused with its first use, and its person would not know why.
    if (deps.bindings.brokenBy(session, actor.origin)) {
      await withdraw(tx, actor, session, { reason: 'network' });
      return { refused: 'network' };
    }
    if (limit && !(await withinLimit(tx, input, session, limit))) return { refused: 'session-limit', limit: limit.most };
    if (!refreshToken) return { session, user, delivery: 'cookie', sessionToken };
    const refreshTokenExpiresAt = session.idleExpiresAt;
    const tokens = async () => ({ access: await accessTokens.issue(session), refreshToken, refreshTokenExpiresAt });
    return { session, user, delivery: 'tokens', tokens };
  };
};
