/* eslint-disable */
import * as types from './graphql';



/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  query Account($sessions: Int!) {\n    viewer {\n      user {\n        id\n        displayName\n        email\n        createdAt\n        emailAddresses {\n          id\n          address\n          isPrimary\n          verifiedAt\n        }\n      }\n      organisation {\n        id\n        name\n        passwordMinLength\n      }\n      sessions(first: $sessions) {\n        edges {\n          node {\n            ...SessionRow\n          }\n        }\n        pageInfo {\n          hasNextPage\n        }\n      }\n    }\n  }\n": typeof types.AccountDocument,
    "\n  mutation SignOut {\n    logout {\n      __typename\n      ... on RateLimitedError {\n        ...RateLimited\n      }\n    }\n  }\n": typeof types.SignOutDocument,
    "\n  mutation ChangePassword($input: ChangePasswordInput!) {\n    changePassword(input: $input) {\n      __typename\n      ... on ChangePasswordSuccess {\n        revokedSessionCount\n      }\n      ... on InvalidInputError {\n        ...InvalidInput\n      }\n      ... on PasswordRejectedError {\n        ...PasswordRejected\n      }\n      ... on RateLimitedError {\n        ...RateLimited\n      }\n    }\n  }\n": typeof types.ChangePasswordDocument,
    "fragment InvalidInput on InvalidInputError {\n  message\n  fields {\n    path\n    message\n  }\n}\n\nfragment RateLimited on RateLimitedError {\n  retryAfterSeconds\n}\n\nfragment ChallengeRequired on ChallengeRequiredError {\n  message\n  provider\n  challenge\n}\n\nfragment PasswordRejected on PasswordRejectedError {\n  reasons\n  minLength\n}": typeof types.InvalidInputFragmentDoc,
    "\n  mutation SignIn($input: LoginInput!) {\n    login(input: $input) {\n      __typename\n      ... on LoginChallenge {\n        kind\n      }\n      ... on InvalidInputError {\n        ...InvalidInput\n      }\n      ... on RateLimitedError {\n        ...RateLimited\n      }\n      ... on ChallengeRequiredError {\n        ...ChallengeRequired\n      }\n    }\n  }\n": typeof types.SignInDocument,
    "\n  mutation Register($input: RegisterInput!) {\n    register(input: $input) {\n      __typename\n      ... on RegisterSuccess {\n        email\n      }\n      ... on InvalidInputError {\n        ...InvalidInput\n      }\n      ... on PasswordRejectedError {\n        ...PasswordRejected\n      }\n      ... on RateLimitedError {\n        ...RateLimited\n      }\n      ... on ChallengeRequiredError {\n        ...ChallengeRequired\n      }\n    }\n  }\n": typeof types.RegisterDocument,
    "\n  mutation RequestPasswordReset($input: RequestPasswordResetInput!) {\n    requestPasswordReset(input: $input) {\n      __typename\n      ... on RequestPasswordResetSuccess {\n        email\n      }\n      ... on InvalidInputError {\n        ...InvalidInput\n      }\n      ... on RateLimitedError {\n        ...RateLimited\n      }\n      ... on ChallengeRequiredError {\n        ...ChallengeRequired\n      }\n    }\n  }\n": typeof types.RequestPasswordResetDocument,
    "\n  subscription SecurityEvents($after: Cursor) {\n    securityEvents(after: $after) {\n      id\n      cursor\n      type\n      occurredAt\n      severity\n      ipAddress\n      userAgent\n    }\n  }\n": typeof types.SecurityEventsDocument,
    "\n  query SessionCheck {\n    viewer {\n      session {\n        id\n      }\n    }\n  }\n": typeof types.SessionCheckDocument,
    "\n  mutation VerifyEmail($input: VerifyEmailInput!) {\n    verifyEmail(input: $input) {\n      __typename\n      ... on InvalidInputError {\n        ...InvalidInput\n      }\n      ... on PasswordRejectedError {\n        ...PasswordRejected\n      }\n      ... on RateLimitedError {\n        ...RateLimited\n      }\n    }\n  }\n": typeof types.VerifyEmailDocument,
    "\n  mutation ResetPassword($input: ResetPasswordInput!) {\n    resetPassword(input: $input) {\n      __typename\n      ... on ResetPasswordSuccess {\n        revokedSessionCount\n      }\n      ... on InvalidInputError {\n        ...InvalidInput\n      }\n      ... on PasswordRejectedError {\n        ...PasswordRejected\n      }\n      ... on RateLimitedError {\n        ...RateLimited\n      }\n    }\n  }\n": typeof types.ResetPasswordDocument,
    "\n  mutation ClaimFirstAdmin($input: ClaimFirstAdminInput!) {\n    claimFirstAdmin(input: $input) {\n      __typename\n      ... on InvalidInputError {\n        ...InvalidInput\n      }\n      ... on PasswordRejectedError {\n        ...PasswordRejected\n      }\n      ... on RateLimitedError {\n        ...RateLimited\n      }\n    }\n  }\n": typeof types.ClaimFirstAdminDocument,
    "\n  mutation ReportUnknownDevice($input: ReportUnknownDeviceInput!) {\n    reportUnknownDevice(input: $input) {\n      __typename\n      ... on InvalidInputError {\n        ...InvalidInput\n      }\n      ... on RateLimitedError {\n        ...RateLimited\n      }\n    }\n  }\n": typeof types.ReportUnknownDeviceDocument,
    "\n  mutation RevokeSession($input: RevokeSessionInput!) {\n    revokeSession(input: $input) {\n      __typename\n      ... on InvalidInputError {\n        ...InvalidInput\n      }\n      ... on RateLimitedError {\n        ...RateLimited\n      }\n    }\n  }\n": typeof types.RevokeSessionDocument,
    "\n  mutation RevokeOtherSessions {\n    revokeOtherSessions {\n      __typename\n      ... on RevokeOtherSessionsSuccess {\n        revokedCount\n      }\n      ... on RateLimitedError {\n        ...RateLimited\n      }\n    }\n  }\n": typeof types.RevokeOtherSessionsDocument,
    "fragment SessionRow on Session {\n  id\n  isCurrent\n  createdAt\n  lastUsedAt\n  ipAddress\n  userAgent\n  device {\n    name\n  }\n}": typeof types.SessionRowFragmentDoc,
};
const documents: Documents = {
    "\n  query Account($sessions: Int!) {\n    viewer {\n      user {\n        id\n        displayName\n        email\n        createdAt\n        emailAddresses {\n          id\n          address\n          isPrimary\n          verifiedAt\n        }\n      }\n      organisation {\n        id\n        name\n        passwordMinLength\n      }\n      sessions(first: $sessions) {\n        edges {\n          node {\n            ...SessionRow\n          }\n        }\n        pageInfo {\n          hasNextPage\n        }\n      }\n    }\n  }\n": types.AccountDocument,
    "\n  mutation SignOut {\n    logout {\n      __typename\n      ... on RateLimitedError {\n        ...RateLimited\n      }\n    }\n  }\n": types.SignOutDocument,
    "\n  mutation ChangePassword($input: ChangePasswordInput!) {\n    changePassword(input: $input) {\n      __typename\n      ... on ChangePasswordSuccess {\n        revokedSessionCount\n      }\n      ... on InvalidInputError {\n        ...InvalidInput\n      }\n      ... on PasswordRejectedError {\n        ...PasswordRejected\n      }\n      ... on RateLimitedError {\n        ...RateLimited\n      }\n    }\n  }\n": types.ChangePasswordDocument,
    "fragment InvalidInput on InvalidInputError {\n  message\n  fields {\n    path\n    message\n  }\n}\n\nfragment RateLimited on RateLimitedError {\n  retryAfterSeconds\n}\n\nfragment ChallengeRequired on ChallengeRequiredError {\n  message\n  provider\n  challenge\n}\n\nfragment PasswordRejected on PasswordRejectedError {\n  reasons\n  minLength\n}": types.InvalidInputFragmentDoc,
    "\n  mutation SignIn($input: LoginInput!) {\n    login(input: $input) {\n      __typename\n      ... on LoginChallenge {\n        kind\n      }\n      ... on InvalidInputError {\n        ...InvalidInput\n      }\n      ... on RateLimitedError {\n        ...RateLimited\n      }\n      ... on ChallengeRequiredError {\n        ...ChallengeRequired\n      }\n    }\n  }\n": types.SignInDocument,
    "\n  mutation Register($input: RegisterInput!) {\n    register(input: $input) {\n      __typename\n      ... on RegisterSuccess {\n        email\n      }\n      ... on InvalidInputError {\n        ...InvalidInput\n      }\n      ... on PasswordRejectedError {\n        ...PasswordRejected\n      }\n      ... on RateLimitedError {\n        ...RateLimited\n      }\n      ... on ChallengeRequiredError {\n        ...ChallengeRequired\n      }\n    }\n  }\n": types.RegisterDocument,
    "\n  mutation RequestPasswordReset($input: RequestPasswordResetInput!) {\n    requestPasswordReset(input: $input) {\n      __typename\n      ... on RequestPasswordResetSuccess {\n        email\n      }\n      ... on InvalidInputError {\n        ...InvalidInput\n      }\n      ... on RateLimitedError {\n        ...RateLimited\n      }\n      ... on ChallengeRequiredError {\n        ...ChallengeRequired\n      }\n    }\n  }\n": types.RequestPasswordResetDocument,
    "\n  subscription SecurityEvents($after: Cursor) {\n    securityEvents(after: $after) {\n      id\n      cursor\n      type\n      occurredAt\n      severity\n      ipAddress\n      userAgent\n    }\n  }\n": types.SecurityEventsDocument,
    "\n  query SessionCheck {\n    viewer {\n      session {\n        id\n      }\n    }\n  }\n": types.SessionCheckDocument,
    "\n  mutation VerifyEmail($input: VerifyEmailInput!) {\n    verifyEmail(input: $input) {\n      __typename\n      ... on InvalidInputError {\n        ...InvalidInput\n      }\n      ... on PasswordRejectedError {\n        ...PasswordRejected\n      }\n      ... on RateLimitedError {\n        ...RateLimited\n      }\n    }\n  }\n": types.VerifyEmailDocument,
    "\n  mutation ResetPassword($input: ResetPasswordInput!) {\n    resetPassword(input: $input) {\n      __typename\n      ... on ResetPasswordSuccess {\n        revokedSessionCount\n      }\n      ... on InvalidInputError {\n        ...InvalidInput\n      }\n      ... on PasswordRejectedError {\n        ...PasswordRejected\n      }\n      ... on RateLimitedError {\n        ...RateLimited\n      }\n    }\n  }\n": types.ResetPasswordDocument,
    "\n  mutation ClaimFirstAdmin($input: ClaimFirstAdminInput!) {\n    claimFirstAdmin(input: $input) {\n      __typename\n      ... on InvalidInputError {\n        ...InvalidInput\n      }\n      ... on PasswordRejectedError {\n        ...PasswordRejected\n      }\n      ... on RateLimitedError {\n        ...RateLimited\n      }\n    }\n  }\n": types.ClaimFirstAdminDocument,
    "\n  mutation ReportUnknownDevice($input: ReportUnknownDeviceInput!) {\n    reportUnknownDevice(input: $input) {\n      __typename\n      ... on InvalidInputError {\n        ...InvalidInput\n      }\n      ... on RateLimitedError {\n        ...RateLimited\n      }\n    }\n  }\n": types.ReportUnknownDeviceDocument,
    "\n  mutation RevokeSession($input: RevokeSessionInput!) {\n    revokeSession(input: $input) {\n      __typename\n      ... on InvalidInputError {\n        ...InvalidInput\n      }\n      ... on RateLimitedError {\n        ...RateLimited\n      }\n    }\n  }\n": types.RevokeSessionDocument,
    "\n  mutation RevokeOtherSessions {\n    revokeOtherSessions {\n      __typename\n      ... on RevokeOtherSessionsSuccess {\n        revokedCount\n      }\n      ... on RateLimitedError {\n        ...RateLimited\n      }\n    }\n  }\n": types.RevokeOtherSessionsDocument,
    "fragment SessionRow on Session {\n  id\n  isCurrent\n  createdAt\n  lastUsedAt\n  ipAddress\n  userAgent\n  device {\n    name\n  }\n}": types.SessionRowFragmentDoc,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Account($sessions: Int!) {\n    viewer {\n      user {\n        id\n        displayName\n        email\n        createdAt\n        emailAddresses {\n          id\n          address\n          isPrimary\n          verifiedAt\n        }\n      }\n      organisation {\n        id\n        name\n        passwordMinLength\n      }\n      sessions(first: $sessions) {\n        edges {\n          node {\n            ...SessionRow\n          }\n        }\n        pageInfo {\n          hasNextPage\n        }\n      }\n    }\n  }\n"): typeof import('./graphql').AccountDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SignOut {\n    logout {\n      __typename\n      ... on RateLimitedError {\n        ...RateLimited\n      }\n    }\n  }\n"): typeof import('./graphql').SignOutDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ChangePassword($input: ChangePasswordInput!) {\n    changePassword(input: $input) {\n      __typename\n      ... on ChangePasswordSuccess {\n        revokedSessionCount\n      }\n      ... on InvalidInputError {\n        ...InvalidInput\n      }\n      ... on PasswordRejectedError {\n        ...PasswordRejected\n      }\n      ... on RateLimitedError {\n        ...RateLimited\n      }\n    }\n  }\n"): typeof import('./graphql').ChangePasswordDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "fragment InvalidInput on InvalidInputError {\n  message\n  fields {\n    path\n    message\n  }\n}\n\nfragment RateLimited on RateLimitedError {\n  retryAfterSeconds\n}\n\nfragment ChallengeRequired on ChallengeRequiredError {\n  message\n  provider\n  challenge\n}\n\nfragment PasswordRejected on PasswordRejectedError {\n  reasons\n  minLength\n}"): typeof import('./graphql').InvalidInputFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SignIn($input: LoginInput!) {\n    login(input: $input) {\n      __typename\n      ... on LoginChallenge {\n        kind\n      }\n      ... on InvalidInputError {\n        ...InvalidInput\n      }\n      ... on RateLimitedError {\n        ...RateLimited\n      }\n      ... on ChallengeRequiredError {\n        ...ChallengeRequired\n      }\n    }\n  }\n"): typeof import('./graphql').SignInDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Register($input: RegisterInput!) {\n    register(input: $input) {\n      __typename\n      ... on RegisterSuccess {\n        email\n      }\n      ... on InvalidInputError {\n        ...InvalidInput\n      }\n      ... on PasswordRejectedError {\n        ...PasswordRejected\n      }\n      ... on RateLimitedError {\n        ...RateLimited\n      }\n      ... on ChallengeRequiredError {\n        ...ChallengeRequired\n      }\n    }\n  }\n"): typeof import('./graphql').RegisterDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RequestPasswordReset($input: RequestPasswordResetInput!) {\n    requestPasswordReset(input: $input) {\n      __typename\n      ... on RequestPasswordResetSuccess {\n        email\n      }\n      ... on InvalidInputError {\n        ...InvalidInput\n      }\n      ... on RateLimitedError {\n        ...RateLimited\n      }\n      ... on ChallengeRequiredError {\n        ...ChallengeRequired\n      }\n    }\n  }\n"): typeof import('./graphql').RequestPasswordResetDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription SecurityEvents($after: Cursor) {\n    securityEvents(after: $after) {\n      id\n      cursor\n      type\n      occurredAt\n      severity\n      ipAddress\n      userAgent\n    }\n  }\n"): typeof import('./graphql').SecurityEventsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query SessionCheck {\n    viewer {\n      session {\n        id\n      }\n    }\n  }\n"): typeof import('./graphql').SessionCheckDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation VerifyEmail($input: VerifyEmailInput!) {\n    verifyEmail(input: $input) {\n      __typename\n      ... on InvalidInputError {\n        ...InvalidInput\n      }\n      ... on PasswordRejectedError {\n        ...PasswordRejected\n      }\n      ... on RateLimitedError {\n        ...RateLimited\n      }\n    }\n  }\n"): typeof import('./graphql').VerifyEmailDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ResetPassword($input: ResetPasswordInput!) {\n    resetPassword(input: $input) {\n      __typename\n      ... on ResetPasswordSuccess {\n        revokedSessionCount\n      }\n      ... on InvalidInputError {\n        ...InvalidInput\n      }\n      ... on PasswordRejectedError {\n        ...PasswordRejected\n      }\n      ... on RateLimitedError {\n        ...RateLimited\n      }\n    }\n  }\n"): typeof import('./graphql').ResetPasswordDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ClaimFirstAdmin($input: ClaimFirstAdminInput!) {\n    claimFirstAdmin(input: $input) {\n      __typename\n      ... on InvalidInputError {\n        ...InvalidInput\n      }\n      ... on PasswordRejectedError {\n        ...PasswordRejected\n      }\n      ... on RateLimitedError {\n        ...RateLimited\n      }\n    }\n  }\n"): typeof import('./graphql').ClaimFirstAdminDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ReportUnknownDevice($input: ReportUnknownDeviceInput!) {\n    reportUnknownDevice(input: $input) {\n      __typename\n      ... on InvalidInputError {\n        ...InvalidInput\n      }\n      ... on RateLimitedError {\n        ...RateLimited\n      }\n    }\n  }\n"): typeof import('./graphql').ReportUnknownDeviceDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RevokeSession($input: RevokeSessionInput!) {\n    revokeSession(input: $input) {\n      __typename\n      ... on InvalidInputError {\n        ...InvalidInput\n      }\n      ... on RateLimitedError {\n        ...RateLimited\n      }\n    }\n  }\n"): typeof import('./graphql').RevokeSessionDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RevokeOtherSessions {\n    revokeOtherSessions {\n      __typename\n      ... on RevokeOtherSessionsSuccess {\n        revokedCount\n      }\n      ... on RateLimitedError {\n        ...RateLimited\n      }\n    }\n  }\n"): typeof import('./graphql').RevokeOtherSessionsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "fragment SessionRow on Session {\n  id\n  isCurrent\n  createdAt\n  lastUsedAt\n  ipAddress\n  userAgent\n  device {\n    name\n  }\n}"): typeof import('./graphql').SessionRowFragmentDoc;


export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}
