import { describeEvent } from '#capabilities/events/index.ts';

export const userRegistered = describeEvent({
  type: 'user.registered',
  severity: 'info',
  description: 'A user came into being: the address of a sign-up was confirmed, or the first administrator was claimed.',
});

export const emailVerified = describeEvent({
  type: 'email.verified',
  severity: 'info',
  description: 'Somebody who reads the mail of an address confirmed it.',
});

export const organisationFounded = describeEvent({
  type: 'organisation.founded',
  severity: 'notice',
  description: 'An organisation came into being, with the built-in roles.',
});
