import { describeEvent } from '#capabilities/events/index.ts';

export const passwordRejected = describeEvent({
  type: 'password.rejected',
  severity: 'warning',
  description: 'A wrong password was tried. Without a subject: for an address that has no account.',
});

export const passwordDisabled = describeEvent({
  type: 'password.disabled',
  severity: 'critical',
  description: 'After 100 consecutive failures the password no longer signs in until it is reset; everything else goes on.',
});

export const loginChallenged = describeEvent({
  type: 'login.challenged',
  severity: 'info',
  description: 'The password was right but more is wanted before a session begins. `data.challenge` tells what.',
});

export const loginThrottled = describeEvent({
  type: 'login.throttled',
  severity: 'warning',
  description: 'After many failures further attempts have to wait. `data.by` tells whether the account or the network is slowed.',
});

export const passwordChanged = describeEvent({
  type: 'password.changed',
  severity: 'notice',
  description: 'The person changed their password, knowing the old one. Their other sessions were ended.',
});

export const passwordResetRequested = describeEvent({
  type: 'password.reset_requested',
  severity: 'notice',
  description: 'Somebody asked for a link to set a new password; it was sent to the address of the account.',
});

export const passwordReset = describeEvent({
  type: 'password.reset',
  severity: 'warning',
  description: 'A new password was set by a link sent to the address. All sessions were ended.',
});
