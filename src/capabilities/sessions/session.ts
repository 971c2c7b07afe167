import { addSeconds } from '#kernel/clock.ts';
import type { DeviceId, OrganisationId, SessionId, UserId } from '#kernel/ids.ts';

export type RevocationReason =
  | 'logout'
  | 'revoked'
  | 'password_changed'
  | 'password_reset'
  | 'refresh_token_reused'
  | 'token_revoked'
  | 'user_suspended'
  | 'evicted'
  | 'device_revoked'
  | 'device_reported'
  | 'binding_violated';

/** A person's being signed in from one place, from sign-in until it ends. */
export interface Session {
  readonly id: SessionId;
  readonly userId: UserId;
  readonly organisationId: OrganisationId;
  /** Authentication method references (RFC 8176). */
  readonly amr: readonly string[];
  /** When the person last proved who they are (OpenID Connect Core, 2: `auth_time`). */
  readonly authTime: Date;
  readonly createdAt: Date;
  readonly lastUsedAt: Date;
  /** What its organisation asked for when it began; null where it asked for nothing, and the deployment's holds. */
  readonly idleTimeoutSeconds: number | null;
  /** Ends then unless it is used before. */
  readonly idleExpiresAt: Date;
  /** Ends then in any case. */
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
  readonly revokedReason: string | null;
  readonly ipAddress: string;
  readonly userAgent: string;
  /** Thumbprint of the client's key that its tokens are good with, and only with (RFC 9449, 6.1); null: they are bearer tokens. */
  readonly dpopJkt: string | null;
  /** `subnet`: used outside the network of `ipAddress` it ends. Null: it may be used from any. */
  readonly networkBinding: 'subnet' | null;
  /** `family`: used by another browser or app than `userAgent` names, of whatever version, it ends. Null: by any. */
  readonly clientBinding: 'family' | null;
  /** The address ranges (CIDR) in which it may be used; null: anywhere. */
  readonly allowedNetworks: readonly string[] | null;
  /** The browser or app that it began with; null for those from before devices were known, and when that is deleted. */
  readonly deviceId: DeviceId | null;
}

export interface SessionTimeouts {
  readonly idleTimeoutSeconds: number;
  readonly absoluteTimeoutSeconds: number;
}

// Longer header values are cut: they describe, and nothing is decided by them.
const userAgentLength = 512;

/** A session that begins now, by the deployment's timeouts: the organisation's policy may shorten and bind it when it is stored. */
export function beginSession(
  input: Pick<Session, 'id' | 'userId' | 'organisationId' | 'amr' | 'ipAddress' | 'userAgent' | 'deviceId'> &
    Partial<Pick<Session, 'dpopJkt'>>,
  now: Date,
  timeouts: SessionTimeouts,
): Session {
  const expiresAt = addSeconds(now, timeouts.absoluteTimeoutSeconds);
  return {
    ...input,
    dpopJkt: input.dpopJkt ?? null,
    userAgent: input.userAgent.slice(0, userAgentLength),
    authTime: now,
    createdAt: now,
    lastUsedAt: now,
    idleTimeoutSeconds: null,
    networkBinding: null,
    clientBinding: null,
    allowedNetworks: null,
    idleExpiresAt: earlier(addSeconds(now, timeouts.idleTimeoutSeconds), expiresAt),
    expiresAt,
    revokedAt: null,
    revokedReason: null,
  };
}

/** Whether the session can be used at `now`: neither revoked nor past either timeout. */
export function isLive(session: Pick<Session, 'revokedAt' | 'idleExpiresAt' | 'expiresAt'>, now: Date): boolean {
  return session.revokedAt === null && now < session.idleExpiresAt && now < session.expiresAt;
}

// Use is written down at most once a minute: a write on each request would cost more than the request.
export const touchAfterMs = 60_000;
const leastTouchMs = 5_000;

/**
 * Whether the last use that is written down is so long ago that this one has to be, too. Where a session ends soon unless it
 * is used, earlier than after a minute: it must not end while it is in use.
 */
export function isTouchDue(session: Pick<Session, 'lastUsedAt' | 'idleExpiresAt'>, now: Date): boolean {
  return touchDueInMs(session, now) <= 0;
}

/** In how many milliseconds a use will have to be written down; negative when it is overdue. */
export function touchDueInMs({ lastUsedAt, idleExpiresAt }: Pick<Session, 'lastUsedAt' | 'idleExpiresAt'>, now: Date): number {
  const idleMs = idleExpiresAt.getTime() - lastUsedAt.getTime();
  return lastUsedAt.getTime() + Math.min(touchAfterMs, Math.max(leastTouchMs, idleMs / 4)) - now.getTime();
}

/** The new times of use, when they are worth writing down; null when the last writing is recent enough. */
export function touchSession(
  session: Session,
  now: Date,
  timeouts: SessionTimeouts,
): Pick<Session, 'lastUsedAt' | 'idleExpiresAt'> | null {
  if (!isTouchDue(session, now)) return null;
  return { lastUsedAt: now, idleExpiresAt: idleExpiry(session, now, timeouts) };
}

/** When a session that is used now ends unless it is used again. An organisation's timeout never outdoes the deployment's. */
export function idleExpiry(
  session: Pick<Session, 'idleTimeoutSeconds' | 'expiresAt'>,
  now: Date,
  { idleTimeoutSeconds }: SessionTimeouts,
): Date {
  const seconds = Math.min(session.idleTimeoutSeconds ?? idleTimeoutSeconds, idleTimeoutSeconds);
  return earlier(addSeconds(now, seconds), session.expiresAt);
}

function earlier(a: Date, b: Date): Date {
  return a < b ? a : b;
}
