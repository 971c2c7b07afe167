export { type AccessTokens, createAccessTokens, type IssuedAccessToken } from './access-token.ts';
export { isLive, type RevocationReason, type Session, type SessionTimeouts } from './session.ts';
export { drizzleRefreshTokenStore, drizzleSessionStore } from './sessions.drizzle.ts';
export { AccessTokenInvalidError, RefreshTokenInvalidError } from './sessions.errors.ts';
export type { SessionPosition, SessionStore, SessionUser } from './sessions.ports.ts';
export {
  authenticateRequest,
  type AuthenticateRequest,
  type Credential,
  type Principal,
} from './use-cases/authenticate-request.ts';
export { type IssuedSession, issueSession, type IssueSession, type TokenDelivery, type TokenSet } from './use-cases/issue-session.ts';
export { refreshSession, type RefreshSession } from './use-cases/refresh-session.ts';
export {
  endSessions,
  type EndSessions,
  logout,
  type Logout,
  revokeOtherSessions,
  type RevokeOtherSessions,
  revokeSession,
  type RevokeSession,
} from './use-cases/revoke-session.ts';
export { findSession, type FindSession, listSessions, type ListSessions } from './use-cases/list-sessions.ts';
export { principalOf, type PrincipalOf } from './use-cases/principal-of.ts';
