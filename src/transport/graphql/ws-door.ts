import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ExecutionArgs, type ExecutionResult, GraphQLError, getOperationAST } from 'graphql';
import { type ConnectionInitMessage, GRAPHQL_TRANSPORT_WS_PROTOCOL, type SubscribePayload } from 'graphql-ws';
import { type Extra, useServer } from 'graphql-ws/use/ws';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import type { AdmitRequest } from '#capabilities/limits/index.ts';
import {
  AccessTokenInvalidError,
  type AuthenticateRequest,
  DpopNonceRequiredError,
  type Principal,
} from '#capabilities/sessions/index.ts';
import type { RequestOrigin } from '#kernel/actor.ts';
import { AppError } from '#kernel/app-error.ts';
import { NotFoundError, RateLimitedError, UnauthenticatedError } from '#kernel/errors.ts';
import { correlationIdOf, runWithCorrelation } from '#platform/observability/correlation.ts';
import type { Logger } from '#platform/observability/logger.ts';
import { MalformedRequestError } from '#transport/http/http.errors.ts';
import type { Admission } from '#transport/http/load-shedding.ts';
import type { AnswerRaw } from '#transport/http/raw-answer.ts';
import type { CredentialReader } from './credentials.ts';
import { OriginRefusedError } from './graphql.errors.ts';
import { refusing } from './guards/guards.errors.ts';
import { assertParams, defaultGraphqlLimits } from './guards/index.ts';
import { graphqlPath, type Yoga } from './http-door.ts';
import type { OpenConnections } from './open-connections.ts';
import type { DocumentParams, RegisteredOperations } from './registered/registered-operations.ts';
import { socketError } from './socket-error.ts';
import type { SocketRegistry } from './socket-registry.ts';

export interface GraphqlWsDeps {
  readonly yoga: Yoga;
  readonly registered: RegisteredOperations;
  readonly authenticate: AuthenticateRequest;
  readonly credentials: CredentialReader;
  readonly registry: SocketRegistry;
  readonly connections: OpenConnections;
  readonly maskError: (error: unknown) => GraphQLError;
  readonly clientAddress: (request: IncomingMessage) => string;
  /** How a handshake is refused, and whether there is room for another socket. */
  readonly answerRaw: AnswerRaw;
  readonly admission: Admission;
  /** Counts the handshake, which no hook of the host sees. */
  readonly admitRequest: AdmitRequest;
  readonly logger: Logger;
}

type ConnectionParams = NonNullable<ConnectionInitMessage['payload']>;
const credentialText = z.string().max(8_192).optional();
/** The payload of connection_init. Other members are other people's: clients of all kinds send their own. */
const connectionParamsSchema = z.looseObject({ authorization: credentialText, dpop: credentialText }).nullish();
type KnownParams = z.infer<typeof connectionParamsSchema>;
/** What a connection carries once it is acknowledged. */
type Connection = Partial<Extra> & { principal?: Principal } & Record<PropertyKey, unknown>;

/** What a proof of possession for a socket is made for: its handshake is a GET (RFC 6455, 4.1), at the http(s) URL. */
const handshake = { method: 'GET', path: graphqlPath };
const largestMessageBytes = 64 * 1024;
const subscriptionsPerSocket = 20;
const initialisationTimeoutMs = 5_000;
const pingIntervalMs = 12_000;
const closeTimeoutMs = 2_000;

/**
 * Subscriptions over the graphql-transport-ws protocol at /graphql. A connection belongs to one session: by the cookie of
 * the handshake, whose Origin must be allowed, or by `authorization` in connection_init, with `dpop` beside it where the
 * token is bound to a key. It ends with it, by 4401.
 */
export function registerGraphqlWs(server: Server, deps: GraphqlWsDeps): () => Promise<void> {
  const { yoga, registered, authenticate, credentials, registry, maskError, logger } = deps;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: largestMessageBytes,
    handleProtocols: chooseProtocol,
    // Who does not answer the close has the socket taken away.
    closeTimeout: closeTimeoutMs,
  } as ServerOptions & { closeTimeout: number });

  const originOf = (request: IncomingMessage): RequestOrigin => ({
    ipAddress: deps.clientAddress(request),
    userAgent: request.headers['user-agent'] ?? '',
    correlationId: correlationIdOf(request.headers),
  });

  async function authenticateConnection(request: IncomingMessage, params: KnownParams): Promise<Principal | null> {
    return authenticateBy(params, request.headers, originOf(request));
  }

  async function authenticateBy(
    params: KnownParams,
    headers: IncomingMessage['headers'],
    origin: RequestOrigin,
  ): Promise<Principal | null> {
    // Whoever brings an authorization is judged by it alone, however odd it is; the cookie is for those who bring none.
    const brought = params?.authorization;
    const credential =
      brought === undefined
        ? credentials.read(headers, handshake)
        : credentials.fromAuthorization(brought, params?.dpop, handshake);
    return credential && authenticate(credential, origin);
  }

  const server_ = useServer<ConnectionParams, Connection>(
    {
      connectionInitWaitTimeout: initialisationTimeoutMs,
      onConnect: async ({ extra, connectionParams }) => {
        try {
          const params = connectionParamsSchema.safeParse(connectionParams);
          if (!params.success) throw new AccessTokenInvalidError();
          const principal = await authenticateConnection(extra.request, params.data);
          // Who went away meanwhile will tell of no close any more, so nothing may wait for it.
          if (extra.socket.readyState !== extra.socket.OPEN) return false;
          const place = principal ? registry.remember(principal.session, extra.socket) : 'ended';
          if (principal && place === 'remembered') {
            extra.principal = principal;
            deps.connections.add(extra.socket, principal);
            extra.socket.once('close', () => {
              registry.forget(principal.session.id, extra.socket);
              deps.connections.remove(extra.socket);
            });
            return true;
          }
          extra.socket.close(place === 'full' ? 4403 : 4401, place === 'full' ? 'Too many connections' : 'Unauthorized');
        } catch (error) {
          if (!(error instanceof AppError)) logger.error('a connection could not be authenticated', { error });
          extra.socket.close(error instanceof AppError ? 4401 : 1011, reasonOf(error));
        }
        return false;
      },
      onSubscribe: (context, _id, payload) => {
        const { principal, socket } = context.extra;
        if (!principal || Object.keys(context.subscriptions).length > subscriptionsPerSocket)
          return [new GraphQLError('Too many subscriptions.', { extensions: { code: 'RATE_LIMITED' } })];
        // Each message anew: the session may have ended since the last, or its person may have proved again who they are.
        const resume = async () => {
          const { actor } = principal;
          const resumed = await authenticate({ kind: 'session', sessionId: actor.sessionId }, actor.origin);
          if (!resumed) socket?.close(4401, 'Session ended');
          return resumed;
        };
        return runWithCorrelation(correlationOf(context), () => prepare(yoga, registered, resume, payload, maskError));
      },
      execute: (args) => (args.rootValue as Rooted).execute(args),
      subscribe: async (args) => {
        const { subscribe, correlationId } = args.rootValue as Rooted;
        const result = await runWithCorrelation(correlationId, () => subscribe(args));
        if (!(Symbol.asyncIterator in result))
          return runWithCorrelation(correlationId, () => withMaskedRefusal(result, maskError));
        return withMaskedEnd(result as AsyncIterable<ExecutionResult>, maskError, correlationId);
      },
      onError: (context, _id, _payload, errors) => errors.map((error) => socketError(error, correlationOf(context))),
      onNext: (context, _id, _payload, _args, { errors, data, extensions }) =>
        errors && {
          errors: errors.map((error) => socketError(error, correlationOf(context))),
          ...(data !== undefined && { data }),
          ...(extensions !== undefined && { extensions }),
        },
    },
    sockets,
    pingIntervalMs,
  );

  // The library would answer a malformed handshake with a text of its own.
  sockets.on('wsClientError', (cause, socket, request) =>
    deps.answerRaw(socket, new MalformedRequestError(cause), correlationIdOf(request.headers)),
  );
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Node has let go of the socket: without a listener a caller who hangs up now would end the process.
    socket.on('error', () => socket.destroy());
    const refuse = (error: AppError) => deps.answerRaw(socket, error, correlationIdOf(request.headers));
    // Compared as it stands: a target need not be a URL, and whatever is thrown here would end the process too.
    if (request.url?.split('?', 1)[0] !== graphqlPath) return refuse(new NotFoundError());
    const { admitted, retryAfterSeconds } = deps.admitRequest(originOf(request));
    if (!admitted) return refuse(new RateLimitedError(retryAfterSeconds));
    // A browser always says which page opens a socket; cookies come along unasked (ASVS 5.0, 4.4.2).
    const { origin } = request.headers;
    if (origin !== undefined && !credentials.originAllowed(origin)) return refuse(new OriginRefusedError());
    const overloaded = deps.admission();
    if (overloaded) return refuse(overloaded);
    runWithCorrelation(correlationIdOf(request.headers), () => {
      sockets.handleUpgrade(request, socket, head, (webSocket: WebSocket) => {
        sockets.emit('connection', webSocket, request);
        // The library would print to the console, for everything that any client sends wrong. The close code is ws's own.
        webSocket
          .removeAllListeners('error')
          .on('error', (error) => logger.debug('a socket was closed for what it sent', { error }));
      });
    });
  });

  return async () => {
    registry.closeAll();
    await server_.dispose();
  };
}

/** What an operation of this connection is logged under, and what its errors quote. */
function correlationOf({ extra }: { readonly extra: Connection }): string {
  return extra.principal?.actor.origin.correlationId ?? '';
}

interface Rooted {
  readonly correlationId: string;
  readonly execute: (args: ExecutionArgs) => Promise<ExecutionResult>;
  readonly subscribe: (args: ExecutionArgs) => Promise<AsyncIterable<ExecutionResult> | ExecutionResult>;
}

/** Parses and validates by the same plugins as over HTTP. Reads and changes go by HTTP, where all guards on requests are. */
async function prepare(
  yoga: Yoga,
  registered: RegisteredOperations,
  resume: () => Promise<Principal | null>,
  payload: SubscribePayload,
  maskError: (error: unknown) => GraphQLError,
) {
  try {
    assertParams(payload, defaultGraphqlLimits);
    const query = refusing(() => registered.queryOf(payload as DocumentParams)) ?? payload.query;
    const principal = await resume();
    if (!principal) throw new UnauthenticatedError();
    const params = {
      query,
      operationName: payload.operationName ?? undefined,
      variables: payload.variables ?? undefined,
    };
    const enveloped = yoga.getEnveloped({ door: 'ws', principal, origin: principal.actor.origin, params });
    const document = enveloped.parse(query);
    const errors = enveloped.validate(enveloped.schema, document);
    if (errors.length > 0) return errors.map((error: unknown) => maskError(error));
    if (getOperationAST(document, payload.operationName ?? undefined)?.operation !== 'subscription')
      return [
        new GraphQLError('Only subscriptions go over a WebSocket; send queries and mutations by HTTP.', {
          extensions: { code: 'GRAPHQL_INVALID' },
        }),
      ];
    return {
      schema: enveloped.schema,
      document,
      operationName: payload.operationName ?? null,
      variableValues: payload.variables ?? null,
      contextValue: await enveloped.contextFactory(),
      rootValue: {
        correlationId: principal.actor.origin.correlationId,
        execute: enveloped.execute,
        subscribe: enveloped.subscribe,
      } satisfies Rooted,
    } satisfies ExecutionArgs;
  } catch (error) {
    return [maskError(error)];
  }
}

/** What a guard answers in place of a stream, such as of variables, passes none of the engine's hooks that mask errors. */
function withMaskedRefusal(result: ExecutionResult, maskError: (error: unknown) => GraphQLError): ExecutionResult {
  if (result.errors === undefined) return result;
  // A mask takes away the cause: what the engine has masked already would pass for a complaint of its own.
  const errors = result.errors.map((error) => (error.extensions['correlationId'] === undefined ? maskError(error) : error));
  return { ...result, errors };
}

/** A stream that breaks tells why as its last message, instead of tearing down the socket with all other streams. */
async function* withMaskedEnd(
  results: AsyncIterable<ExecutionResult>,
  maskError: (error: unknown) => GraphQLError,
  correlationId: string,
): AsyncGenerator<ExecutionResult> {
  const iterator = results[Symbol.asyncIterator]();
  try {
    for (;;) {
      // Else what goes wrong meanwhile would be logged under no id, or another's.
      const next = await runWithCorrelation(correlationId, () => iterator.next());
      if (next.done === true) return;
      yield next.value;
    }
  } catch (error) {
    yield { errors: [runWithCorrelation(correlationId, () => maskError(error))] };
  } finally {
    await iterator.return?.();
  }
}

/** A client without the nonce has no answer to read it from, only this (at most 123 bytes: RFC 6455, 5.5). */
function reasonOf(error: unknown): string {
  if (error instanceof DpopNonceRequiredError) return `use_dpop_nonce ${error.nonce}`;
  return error instanceof AppError ? 'Unauthorized' : 'Internal error';
}

function chooseProtocol(protocols: Set<string>): string | false {
  return protocols.has(GRAPHQL_TRANSPORT_WS_PROTOCOL) ? GRAPHQL_TRANSPORT_WS_PROTOCOL : false;
}
