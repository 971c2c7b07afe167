import { describe, expect, it } from 'vitest';
import { newId } from '#kernel/ids.ts';
import { createEmailAddress, makePrimary, verifyEmailAddress } from './email-address.ts';

const userId = newId('usr');
const createdAt = new Date('2026-01-01T00:00:00Z');
const later = new Date('2026-01-02T00:00:00Z');

function claimed(name: string, isPrimary = false) {
  const email = { address: `${name}@example.com`, normalised: `${name}@example.com` };
  return createEmailAddress({ id: newId('eml'), userId, email, isPrimary, createdAt });
}

describe('verifying an e-mail address', () => {
  it('records the first proof and keeps it', () => {
    const address = claimed('ada');
    expect(address.verifiedAt).toBeNull();
    const verified = verifyEmailAddress(address, later);
    expect(verified.verifiedAt).toBe(later);
    expect(verifyEmailAddress(verified, new Date('2026-01-03T00:00:00Z')).verifiedAt).toBe(later);
  });

  it('cannot have happened before the claim', () => {
    expect(() => verifyEmailAddress(claimed('ada'), new Date('2025-12-31T00:00:00Z'))).toThrow(RangeError);
  });
});

describe('the primary address', () => {
  it('is one alone', () => {
    const first = verifyEmailAddress(claimed('ada', true), later);
    const second = verifyEmailAddress(claimed('lovelace'), later);
    expect(makePrimary([first, second], second.id).map(({ isPrimary }) => isPrimary)).toEqual([false, true]);
  });

  it('cannot be an unproven one, which would send recovery mail to a stranger', () => {
    const unproven = claimed('eve');
    expect(() => makePrimary([verifyEmailAddress(claimed('ada', true), later), unproven], unproven.id)).toThrow('verified');
  });

  it("cannot be another user's", () => {
    const mine = verifyEmailAddress(claimed('ada', true), later);
    const theirs = { ...verifyEmailAddress(claimed('eve'), later), userId: newId('usr') };
    expect(() => makePrimary([mine], theirs.id)).toThrow(RangeError);
    expect(() => makePrimary([mine, theirs], theirs.id)).toThrow('several users');
  });
});
