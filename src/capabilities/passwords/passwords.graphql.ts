import { PasswordRejectedError, TokenInvalidError } from '#capabilities/authentication/index.ts';
import { ChallengeRequiredError } from '#capabilities/limits/index.ts';
import {
  NetworkNotAllowedError,
  type Session,
  SessionLimitReachedError,
  type SessionUser,
  type TokenSet as TokenSetShape,
  toPrincipal,
} from '#capabilities/sessions/index.ts';
import { requirePrincipal, Session as SessionType, TokenSet, Viewer } from '#capabilities/sessions/sessions.graphql.ts';
import { InvalidInputError, RateLimitedError, UnauthenticatedError } from '#kernel/errors.ts';
import { builder, idempotentRequest } from '#transport/graphql/builder.ts';
import { AppErrorInterface } from '#transport/graphql/errors.graphql.ts';
import { emailText, passwordText, tokenText } from '#transport/graphql/inputs.ts';
import { InvalidCredentialsError } from './passwords.errors.ts';
import type { ChangePassword } from './use-cases/change-password.ts';
import type { Login } from './use-cases/login.ts';
import type { Reauthenticate } from './use-cases/reauthenticate.ts';
import type { RequestPasswordReset } from './use-cases/request-password-reset.ts';
import type { ResetPassword } from './use-cases/reset-password.ts';

declare module '#transport/graphql/builder.ts' {
  interface GraphqlUseCases {
    readonly login: Login;
    readonly changePassword: ChangePassword;
    readonly reauthenticate: Reauthenticate;
    readonly requestPasswordReset: RequestPasswordReset;
    readonly resetPassword: ResetPassword;
  }
}

builder.objectType(InvalidCredentialsError, {
  name: 'InvalidCredentialsError',
  description: 'The address or the password is not right. The same whether or not the address has an account.',
  interfaces: [AppErrorInterface],
});

const TokenDelivery = builder.enumType('TokenDelivery', {
  description: 'How a client wants to stay signed in.',
  values: {
    COOKIE: { value: 'cookie', description: 'By an HttpOnly cookie: for pages in a browser. No secret reaches a script.' },
    TOKENS: { value: 'tokens', description: 'By an access and a refresh token in the answer: for apps and servers.' },
  } as const,
});
const LoginInput = builder.inputType('LoginInput', {
  fields: (t) => ({
    email: t.string({ validate: emailText }),
    password: t.string({ validate: passwordText }),
    delivery: t.field({ type: TokenDelivery, defaultValue: 'tokens' }),
  }),
});

const LoginSuccess = builder
  .objectRef<{ readonly session: Session; readonly user: SessionUser; readonly tokens: TokenSetShape | null }>('LoginSuccess')
  .implement({
    fields: (t) => ({
      viewer: t.field({
        type: Viewer,
        resolve: ({ session, user }, _args, { actor }) => toPrincipal(session, user, actor.origin),
      }),
      tokens: t.field({
        type: TokenSet,
        nullable: true,
        description: 'Null with `delivery: COOKIE`.',
        resolve: ({ tokens }) => tokens,
      }),
    }),
  });
const LoginChallengeKind = builder.enumType('LoginChallengeKind', {
  values: {
    EMAIL_VERIFICATION: {
      value: 'email-verification',
      description:
        'The address of the sign-up still waits for its confirmation, by the link of the newest mail. Another is mailed now, unless the address has had many lately.',
    },
  } as const,
});
const LoginChallenge = builder.objectRef<{ readonly challenge: 'email-verification' }>('LoginChallenge').implement({
  description: 'The password is right, but something more is needed before a session begins.',
  fields: (t) => ({
    kind: t.expose('challenge', { type: LoginChallengeKind }),
    message: t.string({
      description: 'For people; may change.',
      resolve: () =>
        'Confirm your address first, by the link in the newest mail. If you have had many mails, no further one may come for a while.',
    }),
  }),
});

builder.mutationField('login', (t) =>
  t.field({
    type: builder.errorUnion('LoginResult', {
      types: [
        LoginSuccess,
        LoginChallenge,
        InvalidCredentialsError,
        SessionLimitReachedError,
        NetworkNotAllowedError,
        InvalidInputError,
        RateLimitedError,
        ChallengeRequiredError,
      ],
      resolveType: (value: object) => ('challenge' in value ? 'LoginChallenge' : 'LoginSuccess'),
    }),
    description: 'Signs in by address and password. Each call is an attempt of its own, however many stand in one document.',
    args: { input: t.arg({ type: LoginInput }) },
    complexity: { field: 50 },
    resolve: async (_root, { input }, context) => {
      const dpopJkt = input.delivery === 'tokens' ? await context.provenKey() : null;
      const outcome = await context.useCases.login(context.actor, { ...input, dpopJkt });
      if (outcome.kind === 'challenge') return outcome;
      const { issued } = outcome;
      if (issued.deviceCookie) context.setDeviceCookie(issued.deviceCookie);
      if (issued.delivery === 'cookie')
        context.setSessionCookie({ token: issued.sessionToken, expiresAt: issued.session.expiresAt });
      const { session, user } = issued;
      return { session, user, tokens: issued.delivery === 'tokens' ? await issued.tokens() : null };
    },
  }),
);

const ChangePasswordInput = builder.inputType('ChangePasswordInput', {
  fields: (t) => ({ currentPassword: t.string({ validate: passwordText }), newPassword: t.string({ validate: passwordText }) }),
});
const ChangePasswordSuccess = builder.objectRef<{ readonly revokedSessionCount: number }>('ChangePasswordSuccess').implement({
  fields: (t) => ({
    revokedSessionCount: t.exposeInt('revokedSessionCount', { description: 'How many other sessions were ended.' }),
  }),
});

builder.mutationField('changePassword', (t) =>
  t.field({
    type: builder.errorUnion('ChangePasswordResult', {
      types: [
        ChangePasswordSuccess,
        InvalidCredentialsError,
        PasswordRejectedError,
        UnauthenticatedError,
        InvalidInputError,
        RateLimitedError,
      ],
      resolveType: () => 'ChangePasswordSuccess',
    }),
    authScopes: { signedIn: true },
    description:
      'Replaces the password of who knows the current one. All other sessions end, the cookie of this one is replaced, and the person gets a mail.',
    args: { input: t.arg({ type: ChangePasswordInput }) },
    complexity: { field: 50 },
    resolve: async (_root, { input }, context) => {
      const changed = await context.useCases.changePassword(requirePrincipal(context).actor, input);
      if (changed.rotated) context.setSessionCookie(changed.rotated);
      return changed;
    },
  }),
);

const ReauthenticateInput = builder.inputType('ReauthenticateInput', {
  fields: (t) => ({ password: t.string({ validate: passwordText }) }),
});
const ReauthenticateSuccess = builder
  .objectRef<{ readonly session: Session }>('ReauthenticateSuccess')
  .implement({ fields: (t) => ({ session: t.field({ type: SessionType, resolve: ({ session }) => session }) }) });

builder.mutationField('reauthenticate', (t) =>
  t.field({
    type: builder.errorUnion('ReauthenticateResult', {
      types: [ReauthenticateSuccess, InvalidCredentialsError, UnauthenticatedError, InvalidInputError, RateLimitedError],
      resolveType: () => 'ReauthenticateSuccess',
    }),
    authScopes: { signedIn: true },
    description:
      'Proves anew who the signed-in person is, after a `StepUpRequiredError`. `authTime` of the session becomes now; its tokens and its end stay as they are.',
    args: { input: t.arg({ type: ReauthenticateInput }) },
    complexity: { field: 50 },
    resolve: async (_root, { input }, context) => ({
      session: await context.useCases.reauthenticate(requirePrincipal(context).actor, input),
    }),
  }),
);

const RequestPasswordResetInput = builder.inputType('RequestPasswordResetInput', {
  fields: (t) => ({ email: t.string({ validate: emailText }) }),
});
const RequestPasswordResetSuccess = builder.objectRef<{ readonly email: string }>('RequestPasswordResetSuccess').implement({
  description: 'If the address has an account, a mail is under way.',
  fields: (t) => ({ email: t.exposeString('email') }),
});

builder.mutationField('requestPasswordReset', (t) =>
  t.field({
    type: builder.errorUnion('RequestPasswordResetResult', {
      types: [RequestPasswordResetSuccess, InvalidInputError, RateLimitedError, ChallengeRequiredError],
      resolveType: () => 'RequestPasswordResetSuccess',
    }),
    description: 'Asks for a link to set a new password. The answer never tells whether the address has an account.',
    args: { input: t.arg({ type: RequestPasswordResetInput }) },
    complexity: { field: 50 },
    extensions: { idempotencyKey: true },
    resolve: (_root, { input }, context, info) =>
      context.useCases.requestPasswordReset(context.actor, input, idempotentRequest(context, info)),
  }),
);

const ResetPasswordInput = builder.inputType('ResetPasswordInput', {
  fields: (t) => ({ token: t.string({ validate: tokenText }), newPassword: t.string({ validate: passwordText }) }),
});
const ResetPasswordSuccess = builder.objectRef<{ readonly revokedSessionCount: number }>('ResetPasswordSuccess').implement({
  fields: (t) => ({ revokedSessionCount: t.exposeInt('revokedSessionCount', { description: 'All sessions were ended.' }) }),
});

builder.mutationField('resetPassword', (t) =>
  t.field({
    type: builder.errorUnion('ResetPasswordResult', {
      types: [ResetPasswordSuccess, TokenInvalidError, PasswordRejectedError, InvalidInputError, RateLimitedError],
      resolveType: () => 'ResetPasswordSuccess',
    }),
    description:
      'Sets a new password by the token of a mailed link, which works once, for an hour. All sessions end; sign in anew.',
    args: { input: t.arg({ type: ResetPasswordInput }) },
    complexity: { field: 50 },
    resolve: (_root, { input }, { actor, useCases }) => useCases.resetPassword(actor, input),
  }),
);
