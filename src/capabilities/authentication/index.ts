export { TokenInvalidError } from './authentication.errors.ts';
export { linkTo } from './authentication.mails.ts';
export type {
  AccountKeys,
  KnownNetworkStore,
  PasswordEnrolment,
  RegistrationStore,
  Reservation,
  ThrottleKey,
  ThrottleStore,
} from './authentication.ports.ts';
export { prismaBootstrapTokenStore, prismaRegistrationStore } from './authentication.prisma.ts';
export { sampleHashParameters } from './hash-parameters.drizzle.ts';
export { drizzleIdempotencyStore } from './idempotency.drizzle.ts';
export { IdempotencyKeyInvalidError, IdempotencyKeyUnsupportedError } from './idempotency.errors.ts';
export { type IdempotentRequest, parseIdempotencyKey } from './idempotency.ts';
export { drizzleKnownNetworkStore } from './known-networks.drizzle.ts';
export { PasswordRejectedError, type PasswordRejection } from './password-rejected.errors.ts';
export type { Registration } from './registration.ts';
export { drizzleThrottleStore } from './throttle.drizzle.ts';
export { accountKeys, networkOf, throttlePolicies } from './throttle.ts';
export {
  type ClaimFirstAdmin,
  claimFirstAdmin,
  type IssueBootstrapToken,
  issueBootstrapToken,
} from './use-cases/claim-first-admin.ts';
export { type CompleteSignIn, completeSignIn, type SignedIn } from './use-cases/complete-sign-in.ts';
export { countMissedRefresh, type GuardToken, guardToken } from './use-cases/guard-token.ts';
export { type Register, register } from './use-cases/register.ts';
export { type ResendConfirmation, resendConfirmation } from './use-cases/resend-confirmation.ts';
export { type RunOnce, runOnce } from './use-cases/run-once.ts';
export { deviceReportTokenPrefix, sendNewDeviceMail, sendNewDeviceMailTask } from './use-cases/send-new-device-mail.ts';
export { sendRegistrationMail, sendRegistrationMailTask } from './use-cases/send-registration-mail.ts';
export { type VerifyEmail, verifyEmail } from './use-cases/verify-email.ts';
