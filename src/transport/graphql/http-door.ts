import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { createYoga, type YogaServerInstance } from 'graphql-yoga';
import type { AuthenticateRequest, Principal } from '#capabilities/sessions/index.ts';
import type { RequestOrigin } from '#kernel/actor.ts';
import { type Clock, secondsUntil } from '#kernel/clock.ts';
import type { Secret } from '#kernel/secret.ts';
import type { GraphqlConfig } from '#platform/config/config.ts';
import type { Logger } from '#platform/observability/logger.ts';
import type { GraphqlContext, GraphqlUseCases } from './builder.ts';
import type { ClientReader } from './client-facts.ts';
import type { CredentialReader } from './credentials.ts';
import { sendGraphiql, wantsGraphiql } from './graphiql.ts';
import { NotAcceptableError } from './graphql.errors.ts';
import { GuardError, requestMalformed } from './guards/guards.errors.ts';
import { createGraphqlGuards, createParserCaches, defaultGraphqlLimits, registerGraphqlBodyParsers } from './guards/index.ts';
import { createJitPlugin } from './jit.ts';
import { createErrorMask, createResultMask } from './mask-error.ts';
import { schema } from './schema.ts';
import { deviceCookieSeconds, type SessionCookie } from './session-cookie.ts';

export interface GraphqlDeps {
  readonly useCases: GraphqlUseCases;
  readonly prisma: GraphqlContext['prisma'];
  readonly authenticate: AuthenticateRequest;
  readonly credentials: CredentialReader;
  readonly cookie: SessionCookie;
  readonly deviceCookie: SessionCookie;
  readonly readClient: ClientReader;
  readonly config: GraphqlConfig;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** How an operation came in. */
export type ServerContext =
  | { readonly door: 'http'; readonly incoming: FastifyRequest; readonly reply: FastifyReply }
  | { readonly door: 'ws'; readonly principal: Principal; readonly origin: RequestOrigin };

export type Yoga = YogaServerInstance<ServerContext, GraphqlContext>;

export const graphqlPath = '/graphql';

/** The GraphQL engine behind both doors, HTTP and WebSocket. */
export function createGraphql(deps: GraphqlDeps): Yoga {
  const { useCases, prisma, config, logger } = deps;
  const base = { useCases, prisma };
  const maskError = createErrorMask(logger);
  return createYoga<ServerContext, GraphqlContext>({
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
    parserAndValidationCache: createParserCaches(),
    maskedErrors: { maskError },
    plugins: [
      ...createGraphqlGuards({
        limits: defaultGraphqlLimits,
        introspection: config.introspection,
        suggestions: config.introspection,
      }),
      createJitPlugin({ maxEntries: 500, plainData: true }),
      createResultMask(maskError),
    ],
    context: async (server): Promise<GraphqlContext> => {
      if (server.door === 'ws')
        return {
          ...base,
          actor: server.principal.actor,
          principal: server.principal,
          setSessionCookie: refuseCookie,
          setDeviceCookie: refuseCookie,
        };
      return httpContext(deps, base, server.incoming, server.reply);
    },
  });
}

function refuseCookie(): never {
  throw new Error('a WebSocket can set no cookie');
}

async function httpContext(
  { authenticate, credentials, readClient, cookie, deviceCookie, clock }: GraphqlDeps,
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
  const credential = credentials.read(request.headers);
  const principal = credential && (await authenticate(credential, origin));
  return {
    ...base,
    principal,
    actor: principal?.actor ?? { kind: 'anonymous', origin },
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

/** Mounts the engine at /graphql, in a scope of its own whose bodies are read as GraphQL needs them. */
export async function registerGraphqlHttp(
  app: FastifyInstance,
  yoga: Yoga,
  { graphiql }: { readonly graphiql: boolean },
): Promise<void> {
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
        const response = await yoga.handleNodeRequestAndResponse(request, reply, { door: 'http', incoming: request, reply });
        reply.code(response.status);
        for (const [name, value] of response.headers) reply.header(name, value);
        // As text, not as the Response's stream: one write with a Content-Length instead of several in chunks.
        return reply.send(await response.text());
      },
    });
  });
}

/** Whether an Accept header (RFC 9110, 12.5.1) lets the answer be JSON, in either of the media types of GraphQL over HTTP. */
function acceptsJson(accept: string | undefined): boolean {
  return accept === undefined || /(^|,)\s*(\*\/\*|application\/(\*|json|graphql-response\+json))\s*(;|,|$)/i.test(accept);
}
