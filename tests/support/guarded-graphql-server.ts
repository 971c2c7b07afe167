import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import { createSchema, createYoga } from 'graphql-yoga';
import { AppError } from '#kernel/app-error.ts';
import {
  createGraphqlGuards,
  createParserCaches,
  defaultGraphqlLimits,
  type GraphqlLimits,
  preflightHeader,
  registerGraphqlBodyParsers,
} from '#transport/graphql/guards/index.ts';

const typeDefs = /* GraphQL */ `
  type Query {
    node: Node
    echo(text: String, tree: Tree, colour: Colour): String
    search: [Result!]!
  }
  type Node { id: ID! name: String child: Node children: [Node!]! }
  union Result = Found | Missing
  type Found { id: ID! }
  type Missing { id: ID! reason: String! }
  input Tree { label: String tree: Tree trees: [Tree!] }
  enum Colour { SCARLET VERMILION }
  type Mutation { login(password: String!): LoginResult! }
  union LoginResult = LoginSuccess | InvalidCredentialsError
  type LoginSuccess { token: String! }
  type InvalidCredentialsError { message: String! }
`;

export interface GuardedServer {
  readonly url: string;
  /** How often each resolver of the root ran. */
  readonly calls: { echo: number; login: number };
  close(): Promise<void>;
}

export interface GuardedServerOptions {
  readonly limits?: Partial<GraphqlLimits>;
  readonly introspection?: boolean;
  readonly suggestions?: boolean;
}

/** A small schema behind all guards, hosted as the product hosts its own: Yoga in Fastify, on a free port of loopback. */
export async function startGuardedServer(options: GuardedServerOptions = {}): Promise<GuardedServer> {
  const calls = { echo: 0, login: 0 };
  const node = (): unknown => ({ id: '1', name: 'n', child: node, children: () => [node()] });
  const yoga = createYoga({
    schema: createSchema({
      typeDefs,
      resolvers: {
        Query: {
          node,
          echo: (_root: unknown, { text }: { text?: string }) => {
            calls.echo += 1;
            return text ?? null;
          },
          search: () => [
            { __typename: 'Found', id: '1' },
            { __typename: 'Missing', id: '2', reason: 'gone' },
          ],
        },
        Mutation: {
          login: () => {
            calls.login += 1;
            return { __typename: 'InvalidCredentialsError', message: 'no' };
          },
        },
      },
    }),
    plugins: createGraphqlGuards({
      limits: { ...defaultGraphqlLimits, ...options.limits },
      introspection: options.introspection ?? false,
      suggestions: options.suggestions ?? false,
    }),
    parserAndValidationCache: createParserCaches(),
    maxRequestBodySize: false,
    multipart: false,
    graphiql: false,
    landingPage: false,
    logging: false,
  });
  const app = Fastify({ bodyLimit: 262_144 });
  app.setErrorHandler((error, _request, reply) => {
    const status = error instanceof AppError ? error.status : hasStatus(error) ? error.statusCode : 500;
    const code = error instanceof AppError ? error.code : 'OTHER';
    return reply.status(status).type('application/problem+json').send({ status, code });
  });
  await app.register(async (scope) => {
    registerGraphqlBodyParsers(scope);
    scope.route({
      url: '/graphql',
      method: ['GET', 'POST', 'PUT', 'OPTIONS'],
      handler: (request, reply) => yoga.handleNodeRequestAndResponse(request, reply, {}),
    });
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/graphql`, calls, close: () => app.close() };
}

const hasStatus = (error: unknown): error is { statusCode: number } =>
  typeof error === 'object' && error !== null && 'statusCode' in error && typeof error.statusCode === 'number';

export interface GraphqlAnswer {
  readonly status: number;
  readonly data: Record<string, unknown> | null | undefined;
  readonly errors: readonly { message: string; extensions?: Record<string, unknown> }[];
  /** `extensions.code` of the first error, or the code of a problem+json answer. */
  readonly code: unknown;
  readonly contentType: string | null;
}

/** Sends any request and reads the answer, whichever of the two shapes it has. */
export async function sendGraphql(url: string, init: RequestInit = {}): Promise<GraphqlAnswer> {
  const response = await fetch(url, init);
  const text = await response.text();
  const body = (text === '' ? {} : JSON.parse(text)) as Partial<GraphqlAnswer>;
  const errors = body.errors ?? [];
  const contentType = response.headers.get('content-type');
  return { status: response.status, data: body.data, errors, code: errors[0]?.extensions?.['code'] ?? body.code, contentType };
}

/** Posts one operation as JSON. */
export function postGraphql(url: string, query: string, rest: Record<string, unknown> = {}): Promise<GraphqlAnswer> {
  return sendGraphql(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, ...rest }),
  });
}

/** fetch with the header that GraphQL over GET asks for, as any client of the API sends it. */
export const fetchWithPreflightHeader: typeof fetch = (input, init) => {
  const headers = new Headers(init?.headers);
  headers.set(preflightHeader, '1');
  return fetch(input, { ...init, headers });
};
