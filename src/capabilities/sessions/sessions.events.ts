import { describeEvent } from '#capabilities/events/index.ts';

export const sessionRevoked = describeEvent({
  type: 'session.revoked',
  severity: 'notice',
  description: 'A session was ended before its time. `data.reason` tells why.',
});

export const sessionRefreshed = describeEvent({
  type: 'session.refreshed',
  severity: 'info',
  description: 'A refresh token was exchanged for its successor and a new access token.',
});

export const refreshTokenReused = describeEvent({
  type: 'refresh_token.reused',
  severity: 'critical',
  description: 'A refresh token was presented after its successor had been issued: somebody holds a copy. The session was ended.',
});

export const sessionReauthenticated = describeEvent({
  type: 'session.reauthenticated',
  severity: 'info',
  description: 'The person of a session proved again who they are. `data.amr` tells how (RFC 8176).',
});

export const refreshTokenKeyMismatch = describeEvent({
  type: 'refresh_token.key_mismatch',
  severity: 'critical',
  description:
    'A refresh token was presented without a proof by the key that it is bound to (DPoP): somebody holds a copy. It was refused and stays good for the one with the key.',
});

export const sessionRefused = describeEvent({
  type: 'session.refused',
  severity: 'notice',
  description:
    'The person proved who they are, but has as many sessions as the organisation allows. `data.limit` tells how many.',
});

export const sessionRotated = describeEvent({
  type: 'session.rotated',
  severity: 'info',
  description: 'The cookie of a session was replaced, since what its person may do or prove has changed. The old one is refused.',
});

export const sessionPolicyUpdated = describeEvent({
  type: 'session_policy.updated',
  severity: 'warning',
  description: 'The organisation changed its timeouts or limits of sessions. `data.before` and `data.after` hold them.',
});
