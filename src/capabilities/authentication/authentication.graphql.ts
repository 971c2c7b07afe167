import { User } from '#capabilities/identity/identity.graphql.ts';
import type { User as UserShape } from '#capabilities/identity/index.ts';
import { ChallengeRequiredError } from '#capabilities/limits/index.ts';
import { InvalidInputError, RateLimitedError } from '#kernel/errors.ts';
import { builder, idempotentRequest } from '#transport/graphql/builder.ts';
import { AppErrorInterface } from '#transport/graphql/errors.graphql.ts';
import { emailText, nameText, passwordText, tokenText } from '#transport/graphql/inputs.ts';
import { TokenInvalidError, WrongPasswordError } from './authentication.errors.ts';
import { PasswordRejectedError } from './password-rejected.errors.ts';
import type { ClaimFirstAdmin } from './use-cases/claim-first-admin.ts';
import type { Register } from './use-cases/register.ts';
import type { VerifyEmail } from './use-cases/verify-email.ts';

declare module '#transport/graphql/builder.ts' {
  interface GraphqlUseCases {
    readonly register: Register;
    readonly verifyEmail: VerifyEmail;
    readonly claimFirstAdmin: ClaimFirstAdmin;
  }
}

builder.objectType(TokenInvalidError, {
  name: 'TokenInvalidError',
  description: 'The one-time link is unknown, used, replaced or expired: all of these look alike.',
  interfaces: [AppErrorInterface],
});

builder.objectType(WrongPasswordError, {
  name: 'WrongPasswordError',
  description: 'Not the password that was chosen at this sign-up. The link stays good.',
  interfaces: [AppErrorInterface],
});

const PasswordRejection = builder.enumType('PasswordRejection', {
  description: 'Why a new password was not accepted (NIST SP 800-63B-4, 3.1.1.2).',
  values: {
    TOO_SHORT: { description: 'Fewer code points than `minLength`.' },
    TOO_LONG: { description: 'More than 1024 code points.' },
    COMMON: { description: 'On the list of common and breached passwords, or a mere repetition or sequence.' },
    CONTAINS_PERSONAL_DATA: { description: 'Made of the person’s name or address, or of the name of the service.' },
    NOT_TEXT: { description: 'Holds what is no text, such as U+0000.' },
  } as const,
});

builder.objectType(PasswordRejectedError, {
  name: 'PasswordRejectedError',
  description: 'The new password can not be used. Nothing was changed.',
  interfaces: [AppErrorInterface],
  fields: (t) => ({
    reasons: t.field({ type: [PasswordRejection], resolve: ({ reasons }) => [...reasons] }),
    minLength: t.exposeInt('minLength', { description: 'In code points.' }),
  }),
});

const RegisterInput = builder.inputType('RegisterInput', {
  fields: (t) => ({
    email: t.string({ validate: emailText }),
    password: t.string({ validate: passwordText }),
    displayName: t.string({ validate: nameText }),
  }),
});
const RegisterSuccess = builder.objectRef<{ readonly email: string }>('RegisterSuccess').implement({
  description: 'A mail is under way. The same whether or not the address has an account already.',
  fields: (t) => ({ email: t.exposeString('email') }),
});

builder.mutationField('register', (t) =>
  t.field({
    type: builder.errorUnion('RegisterResult', {
      types: [RegisterSuccess, InvalidInputError, PasswordRejectedError, RateLimitedError, ChallengeRequiredError],
      resolveType: () => 'RegisterSuccess',
    }),
    description: 'Signs up. The account comes into being when the mailed link is confirmed with `verifyEmail`.',
    args: { input: t.arg({ type: RegisterInput }) },
    complexity: { field: 50 },
    extensions: { idempotencyKey: true },
    resolve: (_root, { input }, context, info) =>
      context.useCases.register(context.actor, input, idempotentRequest(context, info)),
  }),
);

const UserSuccess = (name: string, description: string) =>
  builder.objectRef<{ readonly user: UserShape }>(name).implement({
    description,
    fields: (t) => ({ user: t.field({ type: User, resolve: ({ user }) => user }) }),
  });

const VerifyEmailInput = builder.inputType('VerifyEmailInput', {
  description: 'Give either `password` or `newPassword`.',
  fields: (t) => ({
    token: t.string({ validate: tokenText }),
    password: t.string({ required: false, validate: passwordText, description: 'The one that was chosen when signing up.' }),
    newPassword: t.string({
      required: false,
      validate: passwordText,
      description: 'Another one, in place of the one chosen when signing up: for who does not know that.',
    }),
    displayName: t.string({
      required: false,
      validate: nameText,
      description: 'With `newPassword` only: a name in place of the one given when signing up.',
    }),
  }),
});
const VerifyEmailSuccess = UserSuccess('VerifyEmailSuccess', 'The address is confirmed; the person can sign in.');

builder.mutationField('verifyEmail', (t) =>
  t.field({
    type: builder.errorUnion('VerifyEmailResult', {
      types: [
        VerifyEmailSuccess,
        TokenInvalidError,
        WrongPasswordError,
        PasswordRejectedError,
        InvalidInputError,
        RateLimitedError,
      ],
      resolveType: () => 'VerifyEmailSuccess',
    }),
    description:
      'Confirms the address of a sign-up by the token of the mailed link, which works once, for 24 hours, and a password that whoever opens it enters: no password is bound that a stranger chose.',
    args: { input: t.arg({ type: VerifyEmailInput }) },
    complexity: { field: 50 },
    resolve: async (_root, { input }, { actor, useCases }) => {
      const { user, email } = await useCases.verifyEmail(actor, input);
      return { user: { ...user, email: email.address } };
    },
  }),
);

const ClaimFirstAdminInput = builder.inputType('ClaimFirstAdminInput', {
  fields: (t) => ({
    token: t.string({ validate: tokenText }),
    email: t.string({ validate: emailText }),
    password: t.string({ validate: passwordText }),
    displayName: t.string({ validate: nameText }),
  }),
});
const ClaimFirstAdminSuccess = UserSuccess(
  'ClaimFirstAdminSuccess',
  'The person is the owner of the first organisation and can sign in.',
);

builder.mutationField('claimFirstAdmin', (t) =>
  t.field({
    type: builder.errorUnion('ClaimFirstAdminResult', {
      types: [ClaimFirstAdminSuccess, TokenInvalidError, PasswordRejectedError, InvalidInputError, RateLimitedError],
      resolveType: () => 'ClaimFirstAdminSuccess',
    }),
    description: 'Makes the first administrator of a new deployment, by the one-time link that the server prints at its start.',
    args: { input: t.arg({ type: ClaimFirstAdminInput }) },
    complexity: { field: 50 },
    resolve: async (_root, { input }, { actor, useCases }) => {
      const { user, email } = await useCases.claimFirstAdmin(actor, input);
      return { user: { ...user, email: email.address } };
    },
  }),
);
