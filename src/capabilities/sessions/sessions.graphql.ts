import { type ResolveCursorConnectionArgs, resolveCursorConnection } from '@pothos/plugin-relay';
import { Organisation, User } from '#capabilities/identity/identity.graphql.ts';
import type { FindOrganisation } from '#capabilities/identity/index.ts';
import { InvalidInputError, NotFoundError, RateLimitedError, UnauthenticatedError } from '#kernel/errors.ts';
import { type IdPrefix, isId } from '#kernel/ids.ts';
import type { Secret } from '#kernel/secret.ts';
import { builder, type GraphqlContext } from '#transport/graphql/builder.ts';
import { AppErrorInterface } from '#transport/graphql/errors.graphql.ts';
import { idText, tokenText } from '#transport/graphql/inputs.ts';
import { acrOf } from './authentication-context.ts';
import type { Session as SessionShape } from './session.ts';
import { RefreshTokenInvalidError, StepUpRequiredError } from './sessions.errors.ts';
import type { SessionPosition } from './sessions.ports.ts';
import type { Principal } from './use-cases/authenticate-request.ts';
import type { TokenSet as TokenSetShape } from './use-cases/issue-session.ts';
import type { FindSession, ListSessions } from './use-cases/list-sessions.ts';
import type { RefreshSession } from './use-cases/refresh-session.ts';
import type { Logout, RevokeOtherSessions, RevokeSession } from './use-cases/revoke-session.ts';

declare module '#transport/graphql/builder.ts' {
  interface GraphqlContext {
    /** Who is signed in, with what the session check read; null for nobody. */
    readonly principal: Principal | null;
    /** Thumbprint of the key that the request proves to hold by its DPoP header, null for none. Rejects a bad proof. */
    readonly provenKey: () => Promise<string | null>;
    /** Sets or, with null, removes the session cookie of the answer. */
    readonly setSessionCookie: (value: { readonly token: Secret<string>; readonly expiresAt: Date } | null) => void;
  }
  interface GraphqlUseCases {
    readonly listSessions: ListSessions;
    readonly findSession: FindSession;
    readonly refreshSession: RefreshSession;
    readonly logout: Logout;
    readonly revokeSession: RevokeSession;
    readonly revokeOtherSessions: RevokeOtherSessions;
    readonly listPermissions: (principal: Principal) => Promise<string[]>;
    readonly findOrganisation: FindOrganisation;
  }
}

/** The principal of a field that only a signed-in person reaches. */
export function requirePrincipal({ principal }: GraphqlContext): Principal {
  if (!principal) throw new UnauthenticatedError();
  return principal;
}

export const Session = builder.objectRef<SessionShape>('Session');

builder.node(Session, {
  description: 'Being signed in from one place, from sign-in until it ends.',
  id: { resolve: (session) => session.id },
  loadOne: (id, context) =>
    context.principal && isId('ses', id) ? context.useCases.findSession(context.principal.actor, id) : null,
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'idleExpiresAt' in value,
  fields: (t) => ({
    isCurrent: t.boolean({
      description: 'Whether this request came by it.',
      resolve: (session, _args, { actor }) => actor.kind === 'user' && actor.sessionId === session.id,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    lastUsedAt: t.expose('lastUsedAt', { type: 'DateTime', description: 'To the minute.' }),
    expiresAt: t.field({
      type: 'DateTime',
      description: 'When it ends if it is not used before.',
      resolve: (session) => (session.idleExpiresAt < session.expiresAt ? session.idleExpiresAt : session.expiresAt),
    }),
    authTime: t.expose('authTime', { type: 'DateTime', description: 'When the person last proved who they are.' }),
    amr: t.stringList({ description: 'How, as RFC 8176 names it: `pwd` is a password.', resolve: (session) => [...session.amr] }),
    acr: t.string({
      description: 'How strong that proof was: `urn:sallyport:aal1` is one factor, `urn:sallyport:aal2` two (NIST SP 800-63B-4).',
      resolve: ({ amr }) => acrOf(amr),
    }),
    ipAddress: t.exposeString('ipAddress', { description: 'Where it began.' }),
    userAgent: t.exposeString('userAgent', { description: 'What it began with.' }),
    isSenderConstrained: t.boolean({
      description: 'Whether its tokens are good only together with proofs by a key of the client’s (DPoP, RFC 9449).',
      resolve: ({ dpopJkt }) => dpopJkt !== null,
    }),
    revokedAt: t.expose('revokedAt', { type: 'DateTime', nullable: true }),
  }),
});

export const Viewer = builder.objectRef<Principal>('Viewer').implement({
  description: 'The signed-in person, as this request sees them.',
  fields: (t) => ({
    user: t.field({ type: User, resolve: ({ user }) => user }),
    session: t.field({ type: Session, description: 'The session that this request came by.', resolve: ({ session }) => session }),
    organisation: t.field({
      type: Organisation,
      description: 'The organisation that the session acts in.',
      resolve: async ({ actor }, _args, { useCases }) => {
        const organisation = await useCases.findOrganisation(actor.organisationId);
        if (!organisation) throw new NotFoundError();
        return organisation;
      },
    }),
    permissions: t.stringList({
      description: 'What the person may do in that organisation, as `resource:action`.',
      resolve: (principal, _args, { useCases }) => useCases.listPermissions(principal),
    }),
    sessions: t.connection({
      type: Session,
      description: 'All live sessions of the person, newest first.',
      resolve: ({ actor }, args, { useCases }) =>
        resolveCursorConnection(
          { args: checkedArgs(args), defaultSize: 20, maxSize: 100, toCursor },
          (page: ResolveCursorConnectionArgs) =>
            useCases.listSessions(actor, {
              limit: page.limit,
              inverted: page.inverted,
              after: page.after ? fromCursor('ses', 'after', page.after) : undefined,
              before: page.before ? fromCursor('ses', 'before', page.before) : undefined,
            }),
        ),
    }),
  }),
});

interface ConnectionArgs {
  readonly first?: number | null | undefined;
  readonly last?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly before?: string | null | undefined;
}

export function checkedArgs<Args extends ConnectionArgs>(args: Args): Args {
  for (const name of ['first', 'last'] as const) {
    const value = args[name];
    if (value != null && (value < 0 || value > 1_000))
      throw new InvalidInputError([{ path: name, message: 'must be between 0 and 1000' }]);
  }
  if (args.first != null && args.last != null)
    throw new InvalidInputError([{ path: 'last', message: 'can not be used together with first' }]);
  return args;
}

export function toCursor({ createdAt, id }: SessionPosition): string {
  return Buffer.from(`${createdAt.getTime()} ${id}`).toString('base64url');
}

const lastInstantMs = Date.parse('9999-12-31T23:59:59.999Z');

export function fromCursor(prefix: IdPrefix, path: string, cursor: string): SessionPosition {
  const [time = '', id] = Buffer.from(cursor, 'base64url').toString().split(' ');
  // PostgreSQL reads no year beyond 9999 as JavaScript writes it.
  if (!/^\d{1,15}$/.test(time) || Number(time) > lastInstantMs || !isId(prefix, id))
    throw new InvalidInputError([{ path, message: 'is not the cursor of an edge' }]);
  return { createdAt: new Date(Number(time)), id };
}

builder.queryField('viewer', (t) =>
  t.field({
    type: Viewer,
    nullable: true,
    description: 'Who is signed in; null for nobody. Costs one SQL statement as long as only `user` and `session` are asked for.',
    resolve: (_root, _args, { principal }) => principal,
  }),
);

const TokenType = builder.enumType('TokenType', {
  description: 'How an access token is presented.',
  values: {
    BEARER: { value: 'Bearer', description: '`Authorization: Bearer …` (RFC 6750).' },
    DPOP: { value: 'DPoP', description: '`Authorization: DPoP …` and a proof in the DPoP header (RFC 9449).' },
  } as const,
});

export const TokenSet = builder.objectRef<TokenSetShape>('TokenSet').implement({
  description: 'The secrets of a client that keeps them itself. They are shown here only.',
  fields: (t) => ({
    accessToken: t.string({
      description: 'Goes into `Authorization: Bearer …`, or `DPoP …`: see `tokenType`. A JWT (RFC 9068).',
      resolve: ({ access }) => access.token.reveal(),
    }),
    tokenType: t.field({
      type: TokenType,
      description: 'DPOP when the request that signed in proved a key: both tokens are bound to it.',
      resolve: ({ access }) => access.type,
    }),
    accessTokenExpiresAt: t.field({ type: 'DateTime', resolve: ({ access }) => access.expiresAt }),
    refreshToken: t.string({
      description: 'Good for one `refreshSession`.',
      resolve: ({ refreshToken }) => refreshToken.reveal(),
    }),
    refreshTokenExpiresAt: t.expose('refreshTokenExpiresAt', { type: 'DateTime' }),
  }),
});

builder.objectType(RefreshTokenInvalidError, {
  name: 'RefreshTokenInvalidError',
  description: 'The refresh token is unknown, expired, revoked or was used before. The person has to sign in again.',
  interfaces: [AppErrorInterface],
});

builder.objectType(StepUpRequiredError, {
  name: 'StepUpRequiredError',
  description:
    'The session is good, but this wants a fresher or stronger proof of who the person is: call `reauthenticate` and repeat it (RFC 9470).',
  interfaces: [AppErrorInterface],
  fields: (t) => ({
    maxAgeSeconds: t.exposeInt('maxAgeSeconds', { description: 'How old `authTime` may be.' }),
    acrValues: t.stringList({
      description: 'The levels of authentication that are enough, the weakest first.',
      resolve: ({ acrValues }) => [...acrValues],
    }),
  }),
});

const RefreshSessionSuccess = builder.objectRef<Awaited<ReturnType<RefreshSession>>>('RefreshSessionSuccess').implement({
  fields: (t) => ({
    tokens: t.field({ type: TokenSet, resolve: ({ tokens }) => tokens }),
    session: t.field({ type: Session, resolve: ({ session }) => session }),
  }),
});
const RefreshSessionInput = builder.inputType('RefreshSessionInput', {
  fields: (t) => ({ refreshToken: t.string({ validate: tokenText }) }),
});

builder.mutationField('refreshSession', (t) =>
  t.field({
    type: builder.errorUnion('RefreshSessionResult', {
      types: [RefreshSessionSuccess, RefreshTokenInvalidError, InvalidInputError, RateLimitedError],
      resolveType: () => 'RefreshSessionSuccess',
    }),
    description:
      'Exchanges a refresh token for its successor and a new access token. Send no Authorization header with it. The same token again within the grace (10 seconds) gives the same successor; later the session ends, since somebody has a copy.',
    args: { input: t.arg({ type: RefreshSessionInput }) },
    resolve: async (_root, { input }, { actor, useCases, provenKey }) =>
      useCases.refreshSession(actor, { ...input, dpopJkt: await provenKey() }),
  }),
);

const LogoutSuccess = builder
  .objectRef<{ readonly sessionId: string }>('LogoutSuccess')
  .implement({ fields: (t) => ({ sessionId: t.exposeID('sessionId') }) });

builder.mutationField('logout', (t) =>
  t.field({
    type: builder.errorUnion('LogoutResult', {
      types: [LogoutSuccess, UnauthenticatedError, RateLimitedError],
      resolveType: () => 'LogoutSuccess',
    }),
    authScopes: { signedIn: true },
    description: 'Ends the session that this request came by, and removes its cookie.',
    resolve: async (_root, _args, context) => {
      const sessionId = await context.useCases.logout(requirePrincipal(context).actor);
      context.setSessionCookie(null);
      return { sessionId };
    },
  }),
);

const RevokeSessionSuccess = builder
  .objectRef<{ readonly session: SessionShape }>('RevokeSessionSuccess')
  .implement({ fields: (t) => ({ session: t.field({ type: Session, resolve: ({ session }) => session }) }) });
const RevokeSessionInput = builder.inputType('RevokeSessionInput', {
  fields: (t) => ({ sessionId: t.id({ validate: idText }) }),
});

builder.mutationField('revokeSession', (t) =>
  t.field({
    type: builder.errorUnion('RevokeSessionResult', {
      types: [RevokeSessionSuccess, NotFoundError, UnauthenticatedError, InvalidInputError, RateLimitedError],
      resolveType: () => 'RevokeSessionSuccess',
    }),
    authScopes: { signedIn: true },
    description: 'Ends one of the person’s own sessions at once: its tokens are refused and its sockets closed.',
    args: { input: t.arg({ type: RevokeSessionInput }) },
    resolve: async (_root, { input: { sessionId } }, context) => {
      const { actor } = requirePrincipal(context);
      if (!isId('ses', sessionId)) throw new NotFoundError();
      return { session: await context.useCases.revokeSession(actor, { sessionId }) };
    },
  }),
);

const RevokeOtherSessionsSuccess = builder
  .objectRef<{ readonly revokedCount: number }>('RevokeOtherSessionsSuccess')
  .implement({ fields: (t) => ({ revokedCount: t.exposeInt('revokedCount') }) });

builder.mutationField('revokeOtherSessions', (t) =>
  t.field({
    type: builder.errorUnion('RevokeOtherSessionsResult', {
      types: [RevokeOtherSessionsSuccess, UnauthenticatedError, RateLimitedError],
      resolveType: () => 'RevokeOtherSessionsSuccess',
    }),
    authScopes: { signedIn: true },
    description: 'Ends all of the person’s sessions but the one that this request came by.',
    resolve: async (_root, _args, context) => ({
      revokedCount: await context.useCases.revokeOtherSessions(requirePrincipal(context).actor),
    }),
  }),
);
