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
    'The person proved who they are, but no session began. `data.reason` is `session_limit`: they have as many as the organisation allows (`data.limit`), or `network`: it lets none begin where they are.',
});

export const sessionBindingViolated = describeEvent({
  type: 'session.binding_violated',
  severity: 'critical',
  description:
    'A session was used by another browser or app, or in another network, than it is bound to, and was refused there. `data.binding` is `client`, `network` or `allowed_networks`; `data.ended` tells whether it ended with that.',
});

export const sessionRotated = describeEvent({
  type: 'session.rotated',
  severity: 'info',
  description: 'The cookie of a session was replaced, since what its person may do or prove has changed. The old one is refused.',
});

export const sessionPolicyApplied = describeEvent({
  type: 'session_policy.applied',
  severity: 'info',
  description:
    'Live sessions of the organisation were cut to its changed policy, some at a time. `data.sessions` tells how many, `data.bound` whether it binds them to a place.',
});

export const sessionPolicyUpdated = describeEvent({
  type: 'session_policy.updated',
  severity: 'warning',
  description: 'The organisation changed its timeouts, limits or bindings of sessions. `data.before` and `data.after` hold them.',
});
