import { randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

const defaultQuery = `# Sign up, confirm the address from the mailbox at /dev/mailbox, then sign in here: the cookie is kept by the browser.
# With an access token instead, put { "Authorization": "Bearer …" } under Headers: queries and subscriptions both send it.
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

/**
 * Whether a person opens /graphql in a browser, rather than a program that asks something. GraphiQL keeps what is typed in the
 * address, so that a person who opens it again seems to ask something; the browser says that it goes to a page (Fetch
 * Metadata).
 */
export function wantsGraphiql({ method, headers, query }: FastifyRequest): boolean {
  const asksSomething = typeof query === 'object' && query !== null && 'query' in query;
  if (method !== 'GET' || !(headers.accept ?? '').includes('text/html')) return false;
  return !asksSomething || headers['sec-fetch-mode'] === 'navigate';
}

/** Where the page hands the headers of its editor to whatever sends an operation, as the built page has it. */
const headersHandedOver = /extensions:\{headers:(\w+)\?\.headers\}/;

/**
 * A browser's WebSocket has no headers, so the page's own transport sends none of those in its editor. An Authorization goes
 * into connection_init instead, which is where our socket reads it; without one the session cookie counts.
 */
function withSocketAuthorization(page: string): string {
  return page.replace(
    headersHandedOver,
    (_found, options: string) =>
      `extensions:{headers:${options}?.headers,connectionParams:{authorization:Object.entries(${options}?.headers??{}).find(([name])=>name.toLowerCase()==='authorization')?.[1]}}`,
  );
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
  // Scripts and styles are this page's own, by its nonce, and the editor runs its workers from blobs. It also positions its
  // lines by style attributes, which take no nonce: those, which can load and run nothing, are let through.
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' blob:`,
    `style-src 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    'img-src data:',
    'font-src data:',
    'worker-src blob:',
    "connect-src 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return reply
    .header('content-security-policy', policy)
    .type('text/html; charset=utf-8')
    .send(withNonce(withSocketAuthorization(page), nonce));
}

/** The page with its scripts and styles marked, and so that styles which the editor makes as it goes get the mark too. */
function withNonce(page: string, nonce: string): string {
  const marksStyles = `<script nonce="${nonce}">{
    const { nonce } = document.currentScript;
    const { createElement } = Document.prototype;
    Document.prototype.createElement = function (name, ...rest) {
      const element = createElement.call(this, name, ...rest);
      if (element instanceof HTMLStyleElement) element.nonce = nonce;
      return element;
    };
  }</script>`;
  return page
    .replace('<head>', () => `<head>${marksStyles}`)
    .replace('<style>', () => `<style nonce="${nonce}">`)
    .replace('<script>', () => `<script nonce="${nonce}">`);
}
