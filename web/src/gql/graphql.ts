/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
export const ChallengeProvider = {
  /** Proof of work; any ALTCHA widget or library solves it. */
  Altcha: 'ALTCHA',
  /** hCaptcha. */
  Hcaptcha: 'HCAPTCHA',
  /** Cloudflare Turnstile. */
  Turnstile: 'TURNSTILE'
} as const;

export type ChallengeProvider = typeof ChallengeProvider[keyof typeof ChallengeProvider];
export type ChangePasswordInput = {
  currentPassword: string;
  newPassword: string;
};

export type ClaimFirstAdminInput = {
  displayName: string;
  email: string;
  password: string;
  token: string;
};

export const EventSeverity = {
  Critical: 'CRITICAL',
  Info: 'INFO',
  Notice: 'NOTICE',
  Warning: 'WARNING'
} as const;

export type EventSeverity = typeof EventSeverity[keyof typeof EventSeverity];
export const LoginChallengeKind = {
  /** The address of the sign-up still waits for its confirmation, by the link of the newest mail. Another is mailed now, unless the address has had many lately. */
  EmailVerification: 'EMAIL_VERIFICATION'
} as const;

export type LoginChallengeKind = typeof LoginChallengeKind[keyof typeof LoginChallengeKind];
export type LoginInput = {
  delivery?: TokenDelivery;
  email: string;
  password: string;
};

/** Why a new password was not accepted (NIST SP 800-63B-4, 3.1.1.2). */
export const PasswordRejection = {
  /** On the list of common and breached passwords, or a mere repetition or sequence. */
  Common: 'COMMON',
  /** Made of the person’s name or address, or of the name of the service. */
  ContainsPersonalData: 'CONTAINS_PERSONAL_DATA',
  /** Holds what is no text, such as U+0000. */
  NotText: 'NOT_TEXT',
  /** More than 1024 code points. */
  TooLong: 'TOO_LONG',
  /** Fewer code points than `minLength`. */
  TooShort: 'TOO_SHORT'
} as const;

export type PasswordRejection = typeof PasswordRejection[keyof typeof PasswordRejection];
export type RegisterInput = {
  displayName: string;
  email: string;
  password: string;
};

export type ReportUnknownDeviceInput = {
  token: string;
};

export type RequestPasswordResetInput = {
  email: string;
};

export type ResetPasswordInput = {
  newPassword: string;
  token: string;
};

export type RevokeSessionInput = {
  sessionId: string | number;
};

/** How a client wants to stay signed in. */
export const TokenDelivery = {
  /** By an HttpOnly cookie: for pages in a browser. No secret reaches a script. */
  Cookie: 'COOKIE',
  /** By an access and a refresh token in the answer: for apps and servers. */
  Tokens: 'TOKENS'
} as const;

export type TokenDelivery = typeof TokenDelivery[keyof typeof TokenDelivery];
/** Give either `password` or `newPassword`. */
export type VerifyEmailInput = {
  /** With `newPassword` only: a name in place of the one given when signing up. */
  displayName?: string | null | undefined;
  /** Another one, in place of the one chosen when signing up: for who does not know that. */
  newPassword?: string | null | undefined;
  /** The one that was chosen when signing up. */
  password?: string | null | undefined;
  token: string;
};

export type AccountQueryVariables = Exact<{
  sessions: number;
}>;


export type AccountQuery = { viewer: { user: { id: string, displayName: string, email: string, createdAt: string, emailAddresses: Array<{ id: string, address: string, isPrimary: boolean, verifiedAt: string | null }> }, organisation: { id: string, name: string, passwordMinLength: number }, sessions: { edges: Array<{ node: { id: string, isCurrent: boolean, createdAt: string, lastUsedAt: string, ipAddress: string, userAgent: string, device: { name: string } | null } }>, pageInfo: { hasNextPage: boolean } } } | null };

export type SignOutMutationVariables = Exact<{ [key: string]: never; }>;


export type SignOutMutation = { logout:
    | { __typename: 'LogoutSuccess' }
    | { __typename: 'RateLimitedError', retryAfterSeconds: number }
    | { __typename: 'UnauthenticatedError' }
   };

export type ChangePasswordMutationVariables = Exact<{
  input: ChangePasswordInput;
}>;


export type ChangePasswordMutation = { changePassword:
    | { __typename: 'ChangePasswordSuccess', revokedSessionCount: number }
    | { __typename: 'InvalidCredentialsError' }
    | { __typename: 'InvalidInputError', message: string, fields: Array<{ path: string, message: string }> }
    | { __typename: 'PasswordRejectedError', reasons: Array<PasswordRejection>, minLength: number }
    | { __typename: 'RateLimitedError', retryAfterSeconds: number }
    | { __typename: 'UnauthenticatedError' }
   };

export type InvalidInputFragment = { message: string, fields: Array<{ path: string, message: string }> };

export type RateLimitedFragment = { retryAfterSeconds: number };

export type ChallengeRequiredFragment = { message: string, provider: ChallengeProvider, challenge: unknown };

export type PasswordRejectedFragment = { reasons: Array<PasswordRejection>, minLength: number };

export type SignInMutationVariables = Exact<{
  input: LoginInput;
}>;


export type SignInMutation = { login:
    | { __typename: 'ChallengeRequiredError', message: string, provider: ChallengeProvider, challenge: unknown }
    | { __typename: 'InvalidCredentialsError' }
    | { __typename: 'InvalidInputError', message: string, fields: Array<{ path: string, message: string }> }
    | { __typename: 'LoginChallenge', kind: LoginChallengeKind }
    | { __typename: 'LoginSuccess' }
    | { __typename: 'NetworkNotAllowedError' }
    | { __typename: 'RateLimitedError', retryAfterSeconds: number }
    | { __typename: 'SessionLimitReachedError' }
   };

export type RegisterMutationVariables = Exact<{
  input: RegisterInput;
}>;


export type RegisterMutation = { register:
    | { __typename: 'ChallengeRequiredError', message: string, provider: ChallengeProvider, challenge: unknown }
    | { __typename: 'InvalidInputError', message: string, fields: Array<{ path: string, message: string }> }
    | { __typename: 'PasswordRejectedError', reasons: Array<PasswordRejection>, minLength: number }
    | { __typename: 'RateLimitedError', retryAfterSeconds: number }
    | { __typename: 'RegisterSuccess', email: string }
   };

export type RequestPasswordResetMutationVariables = Exact<{
  input: RequestPasswordResetInput;
}>;


export type RequestPasswordResetMutation = { requestPasswordReset:
    | { __typename: 'ChallengeRequiredError', message: string, provider: ChallengeProvider, challenge: unknown }
    | { __typename: 'InvalidInputError', message: string, fields: Array<{ path: string, message: string }> }
    | { __typename: 'RateLimitedError', retryAfterSeconds: number }
    | { __typename: 'RequestPasswordResetSuccess', email: string }
   };

export type SecurityEventsSubscriptionVariables = Exact<{
  after?: string | null | undefined;
}>;


export type SecurityEventsSubscription = { securityEvents: { id: string, cursor: string, type: string, occurredAt: string, severity: EventSeverity, ipAddress: string | null, userAgent: string | null } };

export type SessionCheckQueryVariables = Exact<{ [key: string]: never; }>;


export type SessionCheckQuery = { viewer: { session: { id: string } } | null };

export type VerifyEmailMutationVariables = Exact<{
  input: VerifyEmailInput;
}>;


export type VerifyEmailMutation = { verifyEmail:
    | { __typename: 'InvalidInputError', message: string, fields: Array<{ path: string, message: string }> }
    | { __typename: 'PasswordRejectedError', reasons: Array<PasswordRejection>, minLength: number }
    | { __typename: 'RateLimitedError', retryAfterSeconds: number }
    | { __typename: 'TokenInvalidError' }
    | { __typename: 'VerifyEmailSuccess' }
    | { __typename: 'WrongPasswordError' }
   };

export type ResetPasswordMutationVariables = Exact<{
  input: ResetPasswordInput;
}>;


export type ResetPasswordMutation = { resetPassword:
    | { __typename: 'InvalidInputError', message: string, fields: Array<{ path: string, message: string }> }
    | { __typename: 'PasswordRejectedError', reasons: Array<PasswordRejection>, minLength: number }
    | { __typename: 'RateLimitedError', retryAfterSeconds: number }
    | { __typename: 'ResetPasswordSuccess', revokedSessionCount: number }
    | { __typename: 'TokenInvalidError' }
   };

export type ClaimFirstAdminMutationVariables = Exact<{
  input: ClaimFirstAdminInput;
}>;


export type ClaimFirstAdminMutation = { claimFirstAdmin:
    | { __typename: 'ClaimFirstAdminSuccess' }
    | { __typename: 'InvalidInputError', message: string, fields: Array<{ path: string, message: string }> }
    | { __typename: 'PasswordRejectedError', reasons: Array<PasswordRejection>, minLength: number }
    | { __typename: 'RateLimitedError', retryAfterSeconds: number }
    | { __typename: 'TokenInvalidError' }
   };

export type ReportUnknownDeviceMutationVariables = Exact<{
  input: ReportUnknownDeviceInput;
}>;


export type ReportUnknownDeviceMutation = { reportUnknownDevice:
    | { __typename: 'InvalidInputError', message: string, fields: Array<{ path: string, message: string }> }
    | { __typename: 'RateLimitedError', retryAfterSeconds: number }
    | { __typename: 'ReportUnknownDeviceSuccess' }
    | { __typename: 'TokenInvalidError' }
   };

export type RevokeSessionMutationVariables = Exact<{
  input: RevokeSessionInput;
}>;


export type RevokeSessionMutation = { revokeSession:
    | { __typename: 'InvalidInputError', message: string, fields: Array<{ path: string, message: string }> }
    | { __typename: 'NotFoundError' }
    | { __typename: 'RateLimitedError', retryAfterSeconds: number }
    | { __typename: 'RevokeSessionSuccess' }
    | { __typename: 'UnauthenticatedError' }
   };

export type RevokeOtherSessionsMutationVariables = Exact<{ [key: string]: never; }>;


export type RevokeOtherSessionsMutation = { revokeOtherSessions:
    | { __typename: 'RateLimitedError', retryAfterSeconds: number }
    | { __typename: 'RevokeOtherSessionsSuccess', revokedCount: number }
    | { __typename: 'UnauthenticatedError' }
   };

export type SessionRowFragment = { id: string, isCurrent: boolean, createdAt: string, lastUsedAt: string, ipAddress: string, userAgent: string, device: { name: string } | null };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const InvalidInputFragmentDoc = new TypedDocumentString(`
    fragment InvalidInput on InvalidInputError {
  message
  fields {
    path
    message
  }
}
    `, {"fragmentName":"InvalidInput"}) as unknown as TypedDocumentString<InvalidInputFragment, unknown>;
export const RateLimitedFragmentDoc = new TypedDocumentString(`
    fragment RateLimited on RateLimitedError {
  retryAfterSeconds
}
    `, {"fragmentName":"RateLimited"}) as unknown as TypedDocumentString<RateLimitedFragment, unknown>;
export const ChallengeRequiredFragmentDoc = new TypedDocumentString(`
    fragment ChallengeRequired on ChallengeRequiredError {
  message
  provider
  challenge
}
    `, {"fragmentName":"ChallengeRequired"}) as unknown as TypedDocumentString<ChallengeRequiredFragment, unknown>;
export const PasswordRejectedFragmentDoc = new TypedDocumentString(`
    fragment PasswordRejected on PasswordRejectedError {
  reasons
  minLength
}
    `, {"fragmentName":"PasswordRejected"}) as unknown as TypedDocumentString<PasswordRejectedFragment, unknown>;
export const SessionRowFragmentDoc = new TypedDocumentString(`
    fragment SessionRow on Session {
  id
  isCurrent
  createdAt
  lastUsedAt
  ipAddress
  userAgent
  device {
    name
  }
}
    `, {"fragmentName":"SessionRow"}) as unknown as TypedDocumentString<SessionRowFragment, unknown>;
export const AccountDocument = new TypedDocumentString(`
    query Account($sessions: Int!) {
  viewer {
    user {
      id
      displayName
      email
      createdAt
      emailAddresses {
        id
        address
        isPrimary
        verifiedAt
      }
    }
    organisation {
      id
      name
      passwordMinLength
    }
    sessions(first: $sessions) {
      edges {
        node {
          ...SessionRow
        }
      }
      pageInfo {
        hasNextPage
      }
    }
  }
}
    fragment SessionRow on Session {
  id
  isCurrent
  createdAt
  lastUsedAt
  ipAddress
  userAgent
  device {
    name
  }
}`, {"hash":"sha256:99f1905dee19c061670553802d03285ebb5c36211106f56846e96b6fb81fa594"}) as unknown as TypedDocumentString<AccountQuery, AccountQueryVariables>;
export const SignOutDocument = new TypedDocumentString(`
    mutation SignOut {
  logout {
    __typename
    ... on RateLimitedError {
      ...RateLimited
    }
  }
}
    fragment RateLimited on RateLimitedError {
  retryAfterSeconds
}`, {"hash":"sha256:03975a49d2ba2e05c121730c57376a4a371a42843946ed9e5e7a10a8f6ea6776"}) as unknown as TypedDocumentString<SignOutMutation, SignOutMutationVariables>;
export const ChangePasswordDocument = new TypedDocumentString(`
    mutation ChangePassword($input: ChangePasswordInput!) {
  changePassword(input: $input) {
    __typename
    ... on ChangePasswordSuccess {
      revokedSessionCount
    }
    ... on InvalidInputError {
      ...InvalidInput
    }
    ... on PasswordRejectedError {
      ...PasswordRejected
    }
    ... on RateLimitedError {
      ...RateLimited
    }
  }
}
    fragment InvalidInput on InvalidInputError {
  message
  fields {
    path
    message
  }
}
fragment RateLimited on RateLimitedError {
  retryAfterSeconds
}
fragment PasswordRejected on PasswordRejectedError {
  reasons
  minLength
}`, {"hash":"sha256:619b221e737df04d206a95df00b10a106193fa9f62cf6d1a4e92df102d806b1c"}) as unknown as TypedDocumentString<ChangePasswordMutation, ChangePasswordMutationVariables>;
export const SignInDocument = new TypedDocumentString(`
    mutation SignIn($input: LoginInput!) {
  login(input: $input) {
    __typename
    ... on LoginChallenge {
      kind
    }
    ... on InvalidInputError {
      ...InvalidInput
    }
    ... on RateLimitedError {
      ...RateLimited
    }
    ... on ChallengeRequiredError {
      ...ChallengeRequired
    }
  }
}
    fragment InvalidInput on InvalidInputError {
  message
  fields {
    path
    message
  }
}
fragment RateLimited on RateLimitedError {
  retryAfterSeconds
}
fragment ChallengeRequired on ChallengeRequiredError {
  message
  provider
  challenge
}`, {"hash":"sha256:1fd00b32e267a09b9a29b368b98c6dcd5bf2507f858dd551f02225c494245a2f"}) as unknown as TypedDocumentString<SignInMutation, SignInMutationVariables>;
export const RegisterDocument = new TypedDocumentString(`
    mutation Register($input: RegisterInput!) {
  register(input: $input) {
    __typename
    ... on RegisterSuccess {
      email
    }
    ... on InvalidInputError {
      ...InvalidInput
    }
    ... on PasswordRejectedError {
      ...PasswordRejected
    }
    ... on RateLimitedError {
      ...RateLimited
    }
    ... on ChallengeRequiredError {
      ...ChallengeRequired
    }
  }
}
    fragment InvalidInput on InvalidInputError {
  message
  fields {
    path
    message
  }
}
fragment RateLimited on RateLimitedError {
  retryAfterSeconds
}
fragment ChallengeRequired on ChallengeRequiredError {
  message
  provider
  challenge
}
fragment PasswordRejected on PasswordRejectedError {
  reasons
  minLength
}`, {"hash":"sha256:0849ee6466c57e0475a9c423bf411711cbd1e3d22cfc1a2f94307aefdd539a7a"}) as unknown as TypedDocumentString<RegisterMutation, RegisterMutationVariables>;
export const RequestPasswordResetDocument = new TypedDocumentString(`
    mutation RequestPasswordReset($input: RequestPasswordResetInput!) {
  requestPasswordReset(input: $input) {
    __typename
    ... on RequestPasswordResetSuccess {
      email
    }
    ... on InvalidInputError {
      ...InvalidInput
    }
    ... on RateLimitedError {
      ...RateLimited
    }
    ... on ChallengeRequiredError {
      ...ChallengeRequired
    }
  }
}
    fragment InvalidInput on InvalidInputError {
  message
  fields {
    path
    message
  }
}
fragment RateLimited on RateLimitedError {
  retryAfterSeconds
}
fragment ChallengeRequired on ChallengeRequiredError {
  message
  provider
  challenge
}`, {"hash":"sha256:d6a157f3429111cd08d683e6172e1570141c1c9a3dd7e4c44550091bd0a95ec4"}) as unknown as TypedDocumentString<RequestPasswordResetMutation, RequestPasswordResetMutationVariables>;
export const SecurityEventsDocument = new TypedDocumentString(`
    subscription SecurityEvents($after: Cursor) {
  securityEvents(after: $after) {
    id
    cursor
    type
    occurredAt
    severity
    ipAddress
    userAgent
  }
}
    `, {"hash":"sha256:63c9a09ef8686ca0186528f9dd91aa675935322f21b1a120af1ebb7cbf3277e8"}) as unknown as TypedDocumentString<SecurityEventsSubscription, SecurityEventsSubscriptionVariables>;
export const SessionCheckDocument = new TypedDocumentString(`
    query SessionCheck {
  viewer {
    session {
      id
    }
  }
}
    `, {"hash":"sha256:09b518761946511143b773cdc6a98d669afe15fbe840f50746a07650fc261ccb"}) as unknown as TypedDocumentString<SessionCheckQuery, SessionCheckQueryVariables>;
export const VerifyEmailDocument = new TypedDocumentString(`
    mutation VerifyEmail($input: VerifyEmailInput!) {
  verifyEmail(input: $input) {
    __typename
    ... on InvalidInputError {
      ...InvalidInput
    }
    ... on PasswordRejectedError {
      ...PasswordRejected
    }
    ... on RateLimitedError {
      ...RateLimited
    }
  }
}
    fragment InvalidInput on InvalidInputError {
  message
  fields {
    path
    message
  }
}
fragment RateLimited on RateLimitedError {
  retryAfterSeconds
}
fragment PasswordRejected on PasswordRejectedError {
  reasons
  minLength
}`, {"hash":"sha256:ffc82b7edea4c694a75813ffd91046fd1fa156b3a1c6b6a9a37d278257969664"}) as unknown as TypedDocumentString<VerifyEmailMutation, VerifyEmailMutationVariables>;
export const ResetPasswordDocument = new TypedDocumentString(`
    mutation ResetPassword($input: ResetPasswordInput!) {
  resetPassword(input: $input) {
    __typename
    ... on ResetPasswordSuccess {
      revokedSessionCount
    }
    ... on InvalidInputError {
      ...InvalidInput
    }
    ... on PasswordRejectedError {
      ...PasswordRejected
    }
    ... on RateLimitedError {
      ...RateLimited
    }
  }
}
    fragment InvalidInput on InvalidInputError {
  message
  fields {
    path
    message
  }
}
fragment RateLimited on RateLimitedError {
  retryAfterSeconds
}
fragment PasswordRejected on PasswordRejectedError {
  reasons
  minLength
}`, {"hash":"sha256:9a21311c188c1a31216a5db2a0d4185f38d47114b45b804a7ca8a8e286393463"}) as unknown as TypedDocumentString<ResetPasswordMutation, ResetPasswordMutationVariables>;
export const ClaimFirstAdminDocument = new TypedDocumentString(`
    mutation ClaimFirstAdmin($input: ClaimFirstAdminInput!) {
  claimFirstAdmin(input: $input) {
    __typename
    ... on InvalidInputError {
      ...InvalidInput
    }
    ... on PasswordRejectedError {
      ...PasswordRejected
    }
    ... on RateLimitedError {
      ...RateLimited
    }
  }
}
    fragment InvalidInput on InvalidInputError {
  message
  fields {
    path
    message
  }
}
fragment RateLimited on RateLimitedError {
  retryAfterSeconds
}
fragment PasswordRejected on PasswordRejectedError {
  reasons
  minLength
}`, {"hash":"sha256:222ddba4585e09667f1927f3fe8aa65cd7e1ffde86a3dd03c699de5fa255f459"}) as unknown as TypedDocumentString<ClaimFirstAdminMutation, ClaimFirstAdminMutationVariables>;
export const ReportUnknownDeviceDocument = new TypedDocumentString(`
    mutation ReportUnknownDevice($input: ReportUnknownDeviceInput!) {
  reportUnknownDevice(input: $input) {
    __typename
    ... on InvalidInputError {
      ...InvalidInput
    }
    ... on RateLimitedError {
      ...RateLimited
    }
  }
}
    fragment InvalidInput on InvalidInputError {
  message
  fields {
    path
    message
  }
}
fragment RateLimited on RateLimitedError {
  retryAfterSeconds
}`, {"hash":"sha256:4f8adeb7b02abd123d50ccb424fc915d96f0eaa2fb2cf827105f34695ed7d2c4"}) as unknown as TypedDocumentString<ReportUnknownDeviceMutation, ReportUnknownDeviceMutationVariables>;
export const RevokeSessionDocument = new TypedDocumentString(`
    mutation RevokeSession($input: RevokeSessionInput!) {
  revokeSession(input: $input) {
    __typename
    ... on InvalidInputError {
      ...InvalidInput
    }
    ... on RateLimitedError {
      ...RateLimited
    }
  }
}
    fragment InvalidInput on InvalidInputError {
  message
  fields {
    path
    message
  }
}
fragment RateLimited on RateLimitedError {
  retryAfterSeconds
}`, {"hash":"sha256:be6282bce22ccefaccf4d12d21b72c483b06a72cb554a5ef6e5738bb98eef4fc"}) as unknown as TypedDocumentString<RevokeSessionMutation, RevokeSessionMutationVariables>;
export const RevokeOtherSessionsDocument = new TypedDocumentString(`
    mutation RevokeOtherSessions {
  revokeOtherSessions {
    __typename
    ... on RevokeOtherSessionsSuccess {
      revokedCount
    }
    ... on RateLimitedError {
      ...RateLimited
    }
  }
}
    fragment RateLimited on RateLimitedError {
  retryAfterSeconds
}`, {"hash":"sha256:e443b61b8f6d0589a298ed029dab25ad4572353173d0c8caabde1f724ea10608"}) as unknown as TypedDocumentString<RevokeOtherSessionsMutation, RevokeOtherSessionsMutationVariables>;