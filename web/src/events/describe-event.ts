const sentences: ReadonlyMap<string, string> = new Map([
  ['registration.requested', 'Registration asked for'],
  ['registration.repeated', 'Someone tried to register with your address again'],
  ['registration.refused', 'A sign-up link was opened without its password'],
  ['user.registered', 'Account created'],
  ['email.verified', 'E-mail address confirmed'],
  ['login.succeeded', 'Signed in'],
  ['login.challenged', 'Sign-in waits for the address to be confirmed'],
  ['password.rejected', 'Wrong password entered'],
  ['login.throttled', 'Sign-in slowed down after too many attempts'],
  ['rate_limit.reached', 'Too many attempts, so further ones have to wait'],
  ['session.revoked', 'A session was signed out'],
  ['session.refreshed', 'Session renewed'],
  ['refresh_token.reused', 'A used-up session key came back, so its session was ended'],
  ['session.refused', 'Sign-in refused: too many sessions'],
  ['session.rotated', 'Session key replaced'],
  ['session_policy.updated', 'Session policy changed'],
  ['device.first_seen', 'A new device was used'],
  ['device.renamed', 'Device renamed'],
  ['device.trusted', 'Device trusted'],
  ['device.revoked', 'Device removed'],
  ['device.reported', 'Sign-in reported as somebody else’s'],
  ['password.changed', 'Password changed'],
  ['password.disabled', 'Password switched off until it is reset'],
  ['password.reset_requested', 'Link for a new password asked for'],
  ['password.reset', 'New password set by a mailed link'],
  ['admin.claimed', 'Administrator account set up'],
  ['signing_key.created', 'New signing key made'],
]);

/** Events after which the list of sessions is no longer what was loaded. */
const sessionTypes: ReadonlySet<string> = new Set([
  'login.succeeded',
  'session.revoked',
  'session.refreshed',
  'refresh_token.reused',
  'device.revoked',
  'device.reported',
  'password.changed',
  'password.reset',
]);

/** The event in a person's words; a type that this page does not know yet is shown by its own name. */
export function describeEvent(type: string): string {
  const known = sentences.get(type);
  if (known !== undefined) return known;
  const words = type.replaceAll(/[._]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function changesSessions(type: string): boolean {
  return sessionTypes.has(type);
}
