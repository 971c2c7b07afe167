export { readBreachedPasswords } from './breached-passwords.file.ts';
export type { BreachedPasswords } from './breached-passwords.ts';
export { drizzleCredentialStore } from './passwords.drizzle.ts';
export { InvalidCredentialsError } from './passwords.errors.ts';
export type { PasswordCredentialStore } from './passwords.ports.ts';
export { prismaCredentialStore, prismaPasswordResetStore } from './passwords.prisma.ts';
export { changePassword, type ChangePassword } from './use-cases/change-password.ts';
export { checkGuess } from './use-cases/check-guess.ts';
export { enrolPassword } from './use-cases/enrol-password.ts';
export { login, type Login } from './use-cases/login.ts';
export {
  requestPasswordReset,
  type RequestPasswordReset,
  sendPasswordReset,
  sendPasswordResetTask,
} from './use-cases/request-password-reset.ts';
export { resetPassword, type ResetPassword } from './use-cases/reset-password.ts';
