import { describeEvent } from '#capabilities/events/index.ts';

export const registrationRequested = describeEvent({
  type: 'registration.requested',
  severity: 'info',
  description: 'Somebody signed up. The address still has to be confirmed; whether it is taken already is not told here.',
});

export const registrationRepeated = describeEvent({
  type: 'registration.repeated',
  severity: 'notice',
  description: 'Somebody signed up with the address of this user, who was told by mail.',
});

export const registrationRefused = describeEvent({
  type: 'registration.refused',
  severity: 'notice',
  description:
    'Somebody opened the link of a sign-up without knowing its password. It may be that a stranger had signed up with their address.',
});

export const loginSucceeded = describeEvent({
  type: 'login.succeeded',
  severity: 'info',
  description:
    'The person proved who they are and a session began. `data.amr` tells how (RFC 8176), `data.senderConstrained` that the tokens are bound to a key, `data.deviceId` by what, `data.signals` what is unusual about it: `new_device`, `failures_before`.',
});

export const adminClaimed = describeEvent({
  type: 'admin.claimed',
  severity: 'critical',
  description: 'The first administrator came in by the one-time link of a new deployment.',
});
