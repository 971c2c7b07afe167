export { type AccessTokens, createAccessTokens, type IssuedAccessToken } from './access-token.ts';
export { drizzleEndedSessionStore } from './ended-sessions.drizzle.ts';
export { type RequireFreshAuthentication, requireFreshAuthentication } from './fresh-authentication.ts';
export { drizzleLiveSessionStore } from './live-sessions.drizzle.ts';
export {
  createProofsOfPossession,
  type ProofsOfPossession,
  type RequestTarget,
} from './proof-of-possession.ts';
export { memoryProofReplays } from './proof-replays.memory.ts';
export { redisProofReplays } from './proof-replays.redis.ts';
export { recallChanges } from './recall-changes.ts';
export { drizzleRefreshTokenStore } from './refresh-tokens.drizzle.ts';
export type { RevocationReason, Session, SessionTimeouts } from './session.ts';
export { createSessionCache, type SessionCache } from './session-cache.ts';
export { prismaSessionPolicyStore } from './session-policy.prisma.ts';
export { drizzleSessionStore } from './sessions.drizzle.ts';
export {
  AccessTokenInvalidError,
  DpopNonceRequiredError,
  NetworkNotAllowedError,
  ProofOfPossessionInvalidError,
  SessionLimitReachedError,
  StepUpRequiredError,
} from './sessions.errors.ts';
export type { ProofReplayGuard, SessionPosition, SessionStore, SessionUser } from './sessions.ports.ts';
export { redisSharedSessions } from './shared-sessions.redis.ts';
export { applySessionPolicy, applySessionPolicyTask } from './use-cases/apply-session-policy.ts';
export {
  type AuthenticateRequest,
  authenticateRequest,
  type Credential,
  type Principal,
} from './use-cases/authenticate-request.ts';
export { type DeleteEndedSessions, deleteEndedSessions } from './use-cases/delete-ended-sessions.ts';
export { type SessionBindings, sessionBindings } from './use-cases/hold-binding.ts';
export { type IntrospectToken, introspectToken, type TokenIntrospection } from './use-cases/introspect-token.ts';
export {
  type IssuedSession,
  type IssueSession,
  issueSession,
  type RefusedSession,
  type TokenDelivery,
  type TokenSet,
} from './use-cases/issue-session.ts';
export { type RevokeDevice, revokeDevice, type TrustDevice, trustDevice } from './use-cases/keep-device.ts';
export { type FindSession, findSession, type ListSessions, listSessions } from './use-cases/list-sessions.ts';
export { toPrincipal } from './use-cases/principal-of.ts';
export { type RefreshSession, refreshSession } from './use-cases/refresh-session.ts';
export { type RenewAuthentication, renewAuthentication } from './use-cases/renew-authentication.ts';
export {
  type EndSessions,
  endSessions,
  type Logout,
  logout,
  type RevokeOtherSessions,
  type RevokeSession,
  revokeOtherSessions,
  revokeSession,
} from './use-cases/revoke-session.ts';
export { type RevokeToken, revokeToken } from './use-cases/revoke-token.ts';
export { type RotatedSession, type RotateSession, rotateSession } from './use-cases/rotate-session.ts';
export { sendReuseMail, sendReuseMailTask } from './use-cases/send-reuse-mail.ts';
export {
  type GetSessionPolicy,
  getSessionPolicy,
  type UpdateSessionPolicy,
  updateSessionPolicy,
} from './use-cases/session-policy.ts';
