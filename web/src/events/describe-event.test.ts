import { expect, it } from 'vitest';
import { changesSessions, describeEvent } from './describe-event.ts';

it('says known events in words', () => {
  expect(describeEvent('login.succeeded')).toBe('Signed in');
});

it('shows a type that a newer server sends by its own name', () => {
  expect(describeEvent('passkey.sign_in_completed')).toBe('Passkey sign in completed');
  expect(changesSessions('passkey.sign_in_completed')).toBe(false);
});
