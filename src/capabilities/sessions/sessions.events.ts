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
