import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ExecutionResult } from 'graphql';
import { createYoga, type Plugin, type YogaServerInstance } from 'graphql-yoga';
import type { AuthenticateRequest, Principal, ProofsOfPossession } from '#capabilities/sessions/index.ts';
import type { RequestOrigin } from '#kernel/actor.ts';
import { type Clock, secondsUntil } from '#kernel/clock.ts';
import type { Secret } from '#kernel/secret.ts';
import type { GraphqlConfig } from '#platform/config/config.ts';
import type { Logger } from '#platform/observability/logger.ts';
import type { Metrics } from '#platform/observability/metrics.ts';
import type { GraphqlContext, GraphqlUseCases } from './builder.ts';
import type { ClientReader } from './client-facts.ts';
import { type CredentialReader, proofOf } from './credentials.ts';
import { createFastPath, type FastPath } from './fast-path.ts';
import { sendGraphiql, wantsGraphiql } from './graphiql.ts';
import { NotAcceptableError } from './graphql.errors.ts';
import { GuardError, requestMalformed } from './guards/guards.errors.ts';
import { createGraphqlGuards, createParserCaches, defaultGraphqlLimits, registerGraphqlBodyParsers } from './guards/index.ts';
import { withoutCoercionSuggestions } from './guards/suggestions.ts';
import { createJitPlugin } from './jit.ts';
import { createKnownOperations, type OperationSource } from './known-operations.ts';
import { createErrorMask, createResultMask } from './mask-error.ts';
import { createRegisteredPlugin, type RegisteredOperations } from './registered/index.ts';
import { schema } from './schema.ts';
import { deviceCookieSeconds, type SessionCookie } from './session-cookie.ts';

export interface GraphqlDeps {
  readonly useCases: GraphqlUseCases;
  readonly prisma: GraphqlContext['prisma'];
  readonly authenticate: AuthenticateRequest;
  readonly proofs: Pick<ProofsOfPossession, 'ofRequest' | 'nonce'>;
  readonly credentials: CredentialReader;
  readonly cookie: SessionCookie;
  readonly deviceCookie: SessionCookie;
  readonly readClient: ClientReader;
  readonly config: GraphqlConfig;
  readonly registered: RegisteredOperations;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** How an operation came in. */
export type ServerContext =
  | {
      readonly door: 'http';
      readonly incoming: FastifyRequest;
      readonly reply: FastifyReply;
      /** Already asked for by the fast path, which then left the rest to the engine. */
      readonly context?: Promise<GraphqlContext>;
      /** What the fast path ran: the engine is only to answer with it. */
      readonly executed?: ExecutionResult;
    }
  | { readonly door: 'ws'; readonly principal: Principal; readonly origin: RequestOrigin }
  /** Asked by ourselves, before the first request, only for how the engine would answer. */
  | { readonly door: 'start'; readonly executed: ExecutionResult };

export type Yoga = YogaServerInstance<ServerContext, GraphqlContext>;

/** The engine behind both doors, HTTP and WebSocket, and the way around it for operations that it knows. */
export interface Graphql {
  readonly yoga: Yoga;
  readonly fastPath: FastPath;
}

export const graphqlPath = '/graphql';

export function createGraphql(deps: GraphqlDeps): Graphql {
  const { useCases, prisma, config, registered, logger } = deps;
  const base = { useCases, prisma };
  const maskError = createErrorMask(logger);
  const known = createKnownOperations(defaultGraphqlLimits, registered);
  const contextOf = (request: FastifyRequest, reply: FastifyReply) => httpContext(deps, base, request, reply);
  const yoga = createYoga<ServerContext, GraphqlContext>({
    schema,
    graphqlEndpoint: graphqlPath,
    // Ours loads nothing from elsewhere: see graphiql.ts.
    graphiql: false,
    landingPage: false,
    logging: false,
    // CORS is the host's, for all doors alike.
    cors: false,
    batching: false,
    multipart: false,
    // Fastify counts the bytes while they come in: BODY_LIMIT_BYTES.
    maxRequestBodySize: false,
    parserAndValidationCache: createParserCaches(undefined, registered.documents),
    maskedErrors: { maskError },
    plugins: [
      ...createGraphqlGuards({
        limits: defaultGraphqlLimits,
        introspection: config.introspection,
        suggestions: config.introspection,
      }),
      createRegisteredPlugin(registered),
      createJitPlugin({
        maxEntries: 500,
        plainData: true,
        onCompiled: ({ contextValue }, run) => {
          const { door, params } = contextValue as { door: ServerContext['door']; params?: OperationSource };
          if (door === 'http' && params) known.remember(params, run);
        },
      }),
      createResultMask(maskError),
      answerWithExecuted,
    ],
    context: async (server): Promise<GraphqlContext> => {
      if (server.door === 'ws')
        return {
          ...base,
          actor: server.principal.actor,
          principal: server.principal,
          provenKey: async () => null,
          setSessionCookie: refuseCookie,
          setDeviceCookie: refuseCookie,
        };
      if (server.door === 'start') throw new Error('nothing is asked at start that runs');
      return server.context ?? contextOf(server.incoming, server.reply);
    },
  });
  const shown = (result: ExecutionResult): ExecutionResult => {
    const masked = { errors: (result.errors ?? []).map((error) => maskError(error)), data: result.data ?? null };
    return config.introspection ? masked : withoutCoercionSuggestions(masked);
  };
  return { yoga, fastPath: createFastPath({ known, contextOf, shown }) };
}

const answerWithExecuted: Plugin<GraphqlContext, ServerContext> = {
  onParams({ context, setResult }) {
    const { executed } = context as { readonly executed?: ExecutionResult };
    if (executed) setResult(executed);
  },
};

function refuseCookie(): never {
  throw new Error('a WebSocket can set no cookie');
}

async function httpContext(
  { authenticate, proofs, credentials, readClient, cookie, deviceCookie, clock }: GraphqlDeps,
  base: Pick<GraphqlContext, 'useCases' | 'prisma'>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<GraphqlContext> {
  const origin: RequestOrigin = {
    ipAddress: request.ip,
    userAgent: request.headers['user-agent'] ?? '',
    correlationId: request.id,
    client: readClient(request.headers),
  };
  const target = { method: request.method, path: graphqlPath };
  const proof = proofOf(request.headers);
  const nonce = proof === undefined ? null : proofs.nonce();
  if (nonce !== null) reply.header('dpop-nonce', nonce);
  const credential = credentials.read(request.headers, target);
  const principal = credential && (await authenticate(credential, origin));
  return {
    ...base,
    principal,
    actor: principal?.actor ?? { kind: 'anonymous', origin },
    // The proof that came with a token was used for it: it is good once, and says the same to whoever asks on.
    provenKey: principal && credential?.kind === 'dpop' ? async () => principal.session.dpopJkt : proofs.ofRequest(proof, target),
    challengeResponse: challengeResponseOf(request),
    idempotencyKey: request.headers['idempotency-key']?.toString(),
    setDeviceCookie: (token: Secret<string>) => {
      reply.header('set-cookie', deviceCookie.write(token.reveal(), deviceCookieSeconds));
    },
    setSessionCookie: (value: { readonly token: Secret<string>; readonly expiresAt: Date } | null) => {
      const header = value
        ? cookie.write(value.token.reveal(), secondsUntil(clock.now(), value.expiresAt))
        : cookie.write(null, 0);
      reply.header('set-cookie', header);
    },
  };
}

/** A header rather than an input: the same for every mutation, and part of none. */
function challengeResponseOf({ headers }: FastifyRequest): string | undefined {
  const value = headers['x-challenge-response'];
  return typeof value === 'string' ? value : undefined;
}

/** Mounts the engine at /graphql, in a scope of its own whose bodies are read as GraphQL needs them. */
export async function registerGraphqlHttp(
  app: FastifyInstance,
  { yoga, fastPath }: Graphql,
  { graphiql, metrics }: { readonly graphiql: boolean; readonly metrics: Metrics },
): Promise<void> {
  const requests = metrics.counter({
    name: 'graphql_requests_total',
    help: 'GraphQL requests over HTTP, by what answered: the engine, or the fast path for operations it knows.',
    labels: ['answered_by'],
  });
  await learnContentTypes(yoga, fastPath);
  await app.register(async (scope) => {
    registerGraphqlBodyParsers(scope);
    scope.route({
      url: graphqlPath,
      method: ['GET', 'POST'],
      handler: async (request, reply) => {
        if (graphiql && wantsGraphiql(request)) return sendGraphiql(reply, graphqlPath);
        if (!acceptsJson(request.headers.accept)) throw new NotAcceptableError();
        // The engine makes a URL of the Host, which need not make one (RFC 9112, 3.2).
        if (!URL.canParse(`http://${request.headers.host ?? ''}`)) throw new GuardError(requestMalformed);
        // Tokens and personal data: no cache keeps them.
        reply.header('cache-control', 'no-store');
        const attempt = await fastPath.attempt(request, reply);
        requests.add(1, { answered_by: attempt.body === undefined ? 'engine' : 'fast_path' });
        if (attempt.body !== undefined) return reply.header('content-type', attempt.contentType).send(attempt.body);
        const { context, executed } = attempt;
        const response = await yoga.handleNodeRequestAndResponse(request, reply, {
          door: 'http',
          incoming: request,
          reply,
          ...(context && { context }),
          ...(executed && { executed }),
        });
        reply.code(response.status);
        for (const [name, value] of response.headers) reply.header(name, value);
        if (response.ok) fastPath.learnContentType(request, response.headers.get('content-type'));
        // As text, not as the Response's stream: one write with a Content-Length instead of several in chunks.
        return reply.send(await response.text());
      },
    });
  });
}

/** What fetch, Apollo, urql, Relay and our own pages send. Others are learnt from their first answer. */
const usualAccepts = [
  undefined,
  '*/*',
  'application/json',
  'application/graphql-response+json',
  'application/graphql-response+json, application/json',
  'application/graphql-response+json,application/json;q=0.9',
  'application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed',
];

/** Lets the first request of a registered operation go the fast way: asks the engine for its choices, without running anything. */
async function learnContentTypes(yoga: Yoga, fastPath: FastPath): Promise<void> {
  const body = JSON.stringify({ query: '{ __typename }' });
  for (const accept of usualAccepts) {
    const headers = { 'content-type': 'application/json', ...(accept !== undefined && { accept }) };
    const request = { method: 'POST', headers, body };
    const response = await yoga.fetch(`http://localhost${graphqlPath}`, request, { door: 'start', executed: { data: {} } });
    if (response.ok) fastPath.learnContentType({ method: 'POST', headers }, response.headers.get('content-type'));
  }
}

/** Whether an Accept header (RFC 9110, 12.5.1) lets the answer be JSON, in either of the media types of GraphQL over HTTP. */
function acceptsJson(accept: string | undefined): boolean {
  return accept === undefined || /(^|,)\s*(\*\/\*|application\/(\*|json|graphql-response\+json))\s*(;|,|$)/i.test(accept);
}
