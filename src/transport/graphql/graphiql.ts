import { randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

const defaultQuery = `# Sign up, confirm the address from the mailbox at /dev/mailbox, then sign in here: the cookie is kept by the browser.
# Every type and field is described in the panel on the left.

mutation SignIn {
  login(input: { email: "ada@example.com", password: "correct horse battery staple", delivery: COOKIE }) {
    __typename
    ... on LoginSuccess { viewer { user { id displayName } session { id } } }
    ... on AppError { code message }
  }
}

query Me {
  viewer {
    user { id displayName email }
    sessions(first: 10) { edges { node { id isCurrent userAgent lastUsedAt } } }
  }
}

subscription Live {
  securityEvents(after: "0") { cursor type severity occurredAt ipAddress data }
}
`;

/** Whether a person opens /graphql in a browser, rather than a program that asks something. */
export function wantsGraphiql({ method, headers, query }: FastifyRequest): boolean {
  const asksSomething = typeof query === 'object' && query !== null && 'query' in query;
  return method === 'GET' && !asksSomething && (headers.accept ?? '').includes('text/html');
}

/** Sends GraphiQL, all in one page: nothing is loaded from elsewhere. It is large, so it is read on first use only. */
export async function sendGraphiql(reply: FastifyReply, endpoint: string): Promise<FastifyReply> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const nonce = randomBytes(16).toString('base64');
  const page = renderGraphiQL({
    title: 'Sallyport GraphiQL',
    endpoint,
    subscriptionsProtocol: 'WS',
    credentials: 'same-origin',
    defaultQuery,
  });
  // The editor makes styles as it goes and runs its workers from blobs; scripts are this page's one, by its nonce.
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' blob:`,
    "style-src 'self' 'unsafe-inline'",
    'img-src data:',
    'font-src data:',
    'worker-src blob:',
    "connect-src 'self' ws: wss:",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return reply
    .header('content-security-policy', policy)
    .type('text/html; charset=utf-8')
    .send(page.replace('<script>', () => `<script nonce="${nonce}">`));
}
