import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ExecutionArgs, type ExecutionResult, GraphQLError, getOperationAST } from 'graphql';
import { type ConnectionInitMessage, GRAPHQL_TRANSPORT_WS_PROTOCOL, type SubscribePayload } from 'graphql-ws';
import { type Extra, useServer } from 'graphql-ws/use/ws';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import { AccessTokenInvalidError, type AuthenticateRequest, type Principal } from '#capabilities/sessions/index.ts';
import type { RequestOrigin } from '#kernel/actor.ts';
import { AppError } from '#kernel/app-error.ts';
import { correlationIdOf, runWithCorrelation } from '#platform/observability/correlation.ts';
import type { Logger } from '#platform/observability/logger.ts';
import { answerAndLetGo } from '#transport/http/last-answer.ts';
import type { CredentialReader } from './credentials.ts';
import { assertParams, defaultGraphqlLimits } from './guards/index.ts';
import { graphqlPath, type Yoga } from './http-door.ts';
import { socketError } from './socket-error.ts';
import type { SocketRegistry } from './socket-registry.ts';

export interface GraphqlWsDeps {
  readonly yoga: Yoga;
  readonly authenticate: AuthenticateRequest;
  readonly credentials: CredentialReader;
  readonly registry: SocketRegistry;
  readonly maskError: (error: unknown) => GraphQLError;
  readonly clientAddress: (request: IncomingMessage) => string;
  readonly logger: Logger;
}

type ConnectionParams = NonNullable<ConnectionInitMessage['payload']> & { readonly authorization?: unknown };
/** What a connection carries once it is acknowledged. */
type Connection = Partial<Extra> & { principal?: Principal } & Record<PropertyKey, unknown>;

const largestMessageBytes = 64 * 1024;
const subscriptionsPerSocket = 20;
const initialisationTimeoutMs = 5_000;
const pingIntervalMs = 12_000;
const closeTimeoutMs = 2_000;

/**
 * Subscriptions over the graphql-transport-ws protocol at /graphql. A connection belongs to one session: by the cookie of
 * the handshake, whose Origin must be allowed, or by `authorization` in connection_init. It ends with it, by 4401.
 */
export function registerGraphqlWs(server: Server, deps: GraphqlWsDeps): () => Promise<void> {
  const { yoga, authenticate, credentials, registry, maskError, logger } = deps;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: largestMessageBytes,
    handleProtocols: chooseProtocol,
    // Who does not answer the close has the socket taken away.
    closeTimeout: closeTimeoutMs,
  } as ServerOptions & { closeTimeout: number });

  async function authenticateConnection(
    request: IncomingMessage,
    params: ConnectionParams | undefined,
  ): Promise<Principal | null> {
    const origin: RequestOrigin = {
      ipAddress: deps.clientAddress(request),
      userAgent: request.headers['user-agent'] ?? '',
      correlationId: correlationIdOf(request.headers),
    };
    return authenticateBy(params, request.headers, origin);
  }

  async function authenticateBy(
    params: ConnectionParams | undefined,
    headers: IncomingMessage['headers'],
    origin: RequestOrigin,
  ): Promise<Principal | null> {
    // Whoever brings an authorization is judged by it alone, however odd it is; the cookie is for those who bring none.
    const brought = params !== null && typeof params === 'object' && 'authorization' in params;
    if (brought && typeof params.authorization !== 'string') throw new AccessTokenInvalidError();
    const credential = brought ? credentials.fromAuthorization(String(params.authorization)) : credentials.read(headers);
    return credential && authenticate(credential, origin);
  }

  const server_ = useServer<ConnectionParams, Connection>(
    {
      connectionInitWaitTimeout: initialisationTimeoutMs,
      onConnect: async ({ extra, connectionParams }) => {
        try {
          const principal = await authenticateConnection(extra.request, connectionParams);
          // Who went away meanwhile will tell of no close any more, so nothing may wait for it.
          if (extra.socket.readyState !== extra.socket.OPEN) return false;
          const place = principal ? registry.remember(principal.session, extra.socket) : 'ended';
          if (principal && place === 'remembered') {
            extra.principal = principal;
            extra.socket.once('close', () => registry.forget(principal.session.id, extra.socket));
            return true;
          }
          extra.socket.close(place === 'full' ? 4403 : 4401, place === 'full' ? 'Too many connections' : 'Unauthorized');
        } catch (error) {
          if (!(error instanceof AppError)) logger.error('a connection could not be authenticated', { error });
          extra.socket.close(
            error instanceof AppError ? 4401 : 1011,
            error instanceof AppError ? 'Unauthorized' : 'Internal error',
          );
        }
        return false;
      },
      onSubscribe: (context, _id, payload) => {
        const { principal } = context.extra;
        if (!principal || Object.keys(context.subscriptions).length > subscriptionsPerSocket)
          return [new GraphQLError('Too many subscriptions.', { extensions: { code: 'RATE_LIMITED' } })];
        return runWithCorrelation(correlationOf(context), () => prepare(yoga, principal, payload, maskError));
      },
      execute: (args) => (args.rootValue as Rooted).execute(args),
      subscribe: async (args) => {
        const { subscribe, correlationId } = args.rootValue as Rooted;
        const result = await runWithCorrelation(correlationId, () => subscribe(args));
        if (!(Symbol.asyncIterator in result)) return result;
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

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Node has let go of the socket: without a listener a caller who hangs up now would end the process.
    socket.on('error', () => socket.destroy());
    // Compared as it stands: a target need not be a URL, and whatever is thrown here would end the process too.
    if (request.url?.split('?', 1)[0] !== graphqlPath) return refuse(socket, '404 Not Found');
    // A browser always says which page opens a socket; cookies come along unasked (ASVS 5.0, 4.4.2).
    const { origin } = request.headers;
    if (origin !== undefined && !credentials.originAllowed(origin)) return refuse(socket, '403 Forbidden');
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
async function prepare(yoga: Yoga, principal: Principal, payload: SubscribePayload, maskError: (error: unknown) => GraphQLError) {
  try {
    assertParams(payload, defaultGraphqlLimits);
    const params = {
      query: payload.query,
      operationName: payload.operationName ?? undefined,
      variables: payload.variables ?? undefined,
    };
    const enveloped = yoga.getEnveloped({ door: 'ws', principal, origin: principal.actor.origin, params });
    const document = enveloped.parse(payload.query);
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

function chooseProtocol(protocols: Set<string>): string | false {
  return protocols.has(GRAPHQL_TRANSPORT_WS_PROTOCOL) ? GRAPHQL_TRANSPORT_WS_PROTOCOL : false;
}

function refuse(socket: Duplex, status: string): void {
  answerAndLetGo(socket, `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
