import { describe, expect, it } from 'vitest';
import { addSeconds } from '#kernel/clock.ts';
import { newId } from '#kernel/ids.ts';
import { judgeRefresh, type RefreshToken, type RefreshVerdict } from './refresh-token.ts';

const start = new Date('2026-01-31T12:00:00.000Z');
const at = (seconds: number) => addSeconds(start, seconds);
const token: RefreshToken = {
  id: newId('rft'),
  sessionId: newId('ses'),
  createdAt: start,
  expiresAt: at(1_000),
  consumedAt: null,
  successorNonce: null,
};
const used: RefreshToken = { ...token, consumedAt: at(100), successorNonce: Buffer.alloc(16) };

describe('presenting a refresh token', () => {
  it.each<[string, RefreshToken, number, number, RefreshVerdict]>([
    ['for the first time', token, 1, 10, 'rotate'],
    ['at the last moment', token, 999.999, 10, 'rotate'],
    ['at its expiry', token, 1_000, 10, 'expired'],
    ['again at once', used, 100, 10, 'repeat'],
    ['again at the end of the grace', used, 110, 10, 'repeat'],
    ['again after the grace', used, 110.001, 10, 'reused'],
    ['again at the same moment, without a grace', used, 100, 0, 'repeat'],
    ['again a moment later, without a grace', used, 100.001, 0, 'reused'],
    ['again while another node’s clock is a little behind', used, 95, 10, 'repeat'],
    ['again before it was used: a clock was moved back', used, 94.999, 10, 'expired'],
    ['again long after it would have expired: still a copy in the wrong hands', used, 5_000, 10, 'reused'],
  ])('%s', (_name, presented, seconds, grace, verdict) => {
    expect(judgeRefresh(presented, at(seconds), grace)).toBe(verdict);
  });
});
