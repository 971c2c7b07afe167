import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { serverFlags } from '../scripts/lib/server-flags.mjs';
import type { Bench } from './bench.ts';
import type { LoadRequest } from './load.ts';
import { answers, freePort, type Program, projectFolder, startProgram } from './processes.ts';
import { type Person, password, seedPeople } from './seed.ts';

/** One process of the product, which serves what is in a database. */
export interface ProductNode {
  readonly origin: string;
  readonly program: Program;
}

export interface Product extends ProductNode {
  readonly deployment: Deployment;
  readonly people: readonly Person[];
  /** A password hash as the product stored it. */
  readonly passwordHash: string;
  /** Of the process, after start-up and before the first request, in bytes. */
  readonly idleRssBytes: number;
}

export const productPeople = 256;
const settleMs = 5_000;

/** What all nodes of one deployment share. */
export interface Deployment {
  readonly databaseUrl: string;
  readonly masterKey: string;
}

/** Starts the product as an operator would: production profile, default log level, its own database. Mail goes nowhere. */
export async function startProduct(bench: Bench, env: Readonly<Record<string, string>> = {}): Promise<Product> {
  const databaseUrl = await bench.postgres.createDatabase('product');
  const deployment = { databaseUrl, masterKey: randomBytes(32).toString('base64url') };
  const node = await startNode(bench, deployment, env);
  await pause(settleMs);
  const { rssBytes } = await node.program.usage();
  const { people, passwordHash } = await seedPeople({ ...deployment, count: productPeople });
  return { ...node, deployment, people, passwordHash, idleRssBytes: rssBytes };
}

export async function startNode(
  bench: Bench,
  { databaseUrl, masterKey }: Deployment,
  env: Readonly<Record<string, string>> = {},
): Promise<ProductNode> {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const program = await startProgram(
    {
      name: 'Sallyport',
      entry: join(projectFolder, 'src', 'app', 'main.ts'),
      flags: serverFlags,
      env: {
        NODE_ENV: 'production',
        HOST: '127.0.0.1',
        PORT: String(port),
        PUBLIC_URL: 'https://id.example.com',
        DATABASE_URL: databaseUrl,
        MASTER_KEY: masterKey,
        SMTP_URL: 'smtp://127.0.0.1:1',
        // As behind the reverse proxy that TLS needs: requests come from many networks.
        TRUST_PROXY: 'loopback',
        // Every limit is checked and counted; none is reached.
        RATE_LIMIT_PERCENT: '100000000',
        ...env,
      },
      outputFile: join(bench.folder, `sallyport-${port}.log`),
    },
    answers(`${origin}/health/ready`),
  );
  bench.defer(() => program.stop());
  return { origin, program };
}

export const documents = {
  viewer: '{ viewer { user { id email displayName } session { id } } }',
  login: `mutation($input: LoginInput!) { login(input: $input) { __typename
    ... on LoginSuccess { viewer { user { id } session { id } } tokens { accessToken refreshToken } } } }`,
  refreshSession: `mutation($input: RefreshSessionInput!) { refreshSession(input: $input) { __typename
    ... on RefreshSessionSuccess { session { id } tokens { accessToken refreshToken } } } }`,
  revokeSession: `mutation($input: RevokeSessionInput!) { revokeSession(input: $input) { __typename
    ... on RevokeSessionSuccess { session { id revokedAt } } } }`,
  logout: 'mutation { logout { __typename } }',
  register: `mutation($input: RegisterInput!) { register(input: $input) { __typename } }`,
  typename: '{ __typename }',
} as const;

export interface GraphqlOptions {
  readonly variables?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

export function graphqlRequest(query: string, { variables, headers }: GraphqlOptions = {}): LoadRequest {
  return {
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(variables === undefined ? { query } : { query, variables }),
  };
}

/** As the reverse proxy says it: one network for each connection, since a network that guesses is slowed down. */
export function fromNetwork(index: number): Record<string, string> {
  return { 'x-forwarded-for': `198.51.${100 + (index >> 8)}.${index & 255}` };
}

/** A sign-in on a device that the person has used before, as nearly all are; a new one is told to them by mail. */
export function loginRequest(person: Person, delivery: 'COOKIE' | 'TOKENS', network: number): LoadRequest {
  return graphqlRequest(documents.login, {
    variables: { input: { email: person.email, password, delivery } },
    headers: { ...fromNetwork(network), 'x-device-id': person.deviceId },
  });
}

/** One exchange outside of any measurement. */
export async function exchange(origin: string, path: string, request: LoadRequest): Promise<{ headers: Headers; text: string }> {
  const response = await fetch(`${origin}${path}`, { method: 'POST', headers: request.headers, body: request.body ?? null });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${path} answered ${response.status}: ${text.slice(0, 300)}`);
  return { headers: response.headers, text };
}

export function sessionCookie(headers: Headers): string | undefined {
  return setCookie(headers, '__Host-sallyport');
}

function setCookie(headers: Headers, name: string): string | undefined {
  return headers
    .getSetCookie()
    .find((each) => each.startsWith(`${name}=`))
    ?.split(';')[0];
}

/** The session cookies of `count` people who have just signed in. */
export async function signInByCookie(product: Product, count: number): Promise<string[]> {
  const people = product.people.slice(0, count);
  return Promise.all(
    people.map(async (person, index) => {
      const { headers, text } = await exchange(product.origin, '/graphql', loginRequest(person, 'COOKIE', index));
      const cookie = sessionCookie(headers);
      if (cookie === undefined) throw new Error(`signing in gave no cookie: ${text}`);
      return cookie;
    }),
  );
}

/** The connections of a run of `viewer`, each with a session of its own. */
export function viewerConnections(cookies: readonly string[]): LoadRequest[][] {
  return cookies.map((cookie) => [graphqlRequest(documents.viewer, { headers: { cookie } })]);
}

/** The connections of a run of sign-ins. No account is tried twice at once: those of each connection are its own. */
export function loginConnections(product: Product, connections: number, delivery: 'COOKIE' | 'TOKENS'): LoadRequest[][] {
  return Array.from({ length: connections }, (_, index) =>
    product.people
      .filter((_person, position) => position % connections === index)
      .map((person) => loginRequest(person, delivery, index)),
  );
}
