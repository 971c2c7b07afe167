import { AppError, describeError } from '#kernel/app-error.ts';

const invalidCredentials = describeError({
  code: 'INVALID_CREDENTIALS',
  status: 401,
  message: 'The address or the password is not right.',
  remedy:
    'Check both. The answer is the same whether or not the address has an account, and also while its password is disabled.',
});

export class InvalidCredentialsError extends AppError {
  constructor() {
    super(invalidCredentials);
  }
}
