export { readBreachedPasswords } from './breached-passwords.file.ts';
export type { BreachedPasswords } from './breached-passwords.ts';
export { drizzleCredentialStore } from './passwords.drizzle.ts';
export type { PasswordCredentialStore } from './passwords.ports.ts';
export { prismaCredentialStore, prismaPasswordResetStore } from './passwords.prisma.ts';
export { type ChangePassword, changePassword } from './use-cases/change-password.ts';
export { checkGuess } from './use-cases/check-guess.ts';
export { enrolPassword } from './use-cases/enrol-password.ts';
export { type Login, login } from './use-cases/login.ts';
export { type Reauthenticate, reauthenticate } from './use-cases/reauthenticate.ts';
export { type ReportUnknownDevice, reportUnknownDevice } from './use-cases/report-unknown-device.ts';
export {
  type RequestPasswordReset,
  requestPasswordReset,
  sendPasswordReset,
  sendPasswordResetTask,
} from './use-cases/request-password-reset.ts';
export { type ResetPassword, resetPassword } from './use-cases/reset-password.ts';
