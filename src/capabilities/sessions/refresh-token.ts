import type { RefreshTokenId, SessionId } from '#kernel/ids.ts';

/** One link of a session's chain of refresh tokens. The chain is the family of RFC 9700, 4.14.2. */
export interface RefreshToken {
  readonly id: RefreshTokenId;
  readonly sessionId: SessionId;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly consumedAt: Date | null;
  readonly successorNonce: Buffer | null;
}

export type RefreshVerdict = 'rotate' | 'repeat' | 'reused' | 'expired';

/**
 * What presenting this token at `now` means. A token that was consumed moments ago is a second tab or a lost answer and
 * gets the same successor again; later it is a copy in the wrong hands.
 */
export function judgeRefresh(token: RefreshToken, now: Date, graceSeconds: number): RefreshVerdict {
  if (token.consumedAt) {
    // Both ways: a clock that was set back must not make a moment of what was long ago.
    const distance = Math.abs(now.getTime() - token.consumedAt.getTime());
    return distance <= graceSeconds * 1000 ? 'repeat' : 'reused';
  }
  return now < token.expiresAt ? 'rotate' : 'expired';
}
