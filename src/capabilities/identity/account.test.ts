import { describe, expect, it } from 'vitest';
import { newId } from '#kernel/ids.ts';
import { createFederatedAccount, createPasswordAccount } from './account.ts';

const base = { id: newId('acc'), userId: newId('usr'), createdAt: new Date('2026-01-01T00:00:00Z') };

describe('an account', () => {
  it('of the local password has the user as its subject, so there is one a user', () => {
    expect(createPasswordAccount(base)).toEqual({ ...base, provider: 'password', providerSubject: base.userId });
  });

  it('of another provider keeps that provider’s subject to the letter', () => {
    const account = createFederatedAccount({ ...base, provider: 'github', providerSubject: 'AbC 1' });
    expect(account).toMatchObject({ provider: 'github', providerSubject: 'AbC 1' });
  });

  it.each([
    ['passing for the local password', 'password', 'x'],
    ['a key that is not kebab', 'GitHub', 'x'],
    ['no subject', 'github', ''],
    ['a subject of 256', 'github', 'x'.repeat(256)],
    ['a subject with a line break', 'github', 'x\ny'],
  ])('is refused: %s', (_, provider, providerSubject) => {
    expect(() => createFederatedAccount({ ...base, provider, providerSubject })).toThrow(RangeError);
  });
});
