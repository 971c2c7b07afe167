import { type Client, createClient } from 'graphql-ws';
import WebSocket from 'ws';
import type { TestApp } from './make-test-app.ts';

export interface GraphqlAnswer<Data = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly data: Data | null | undefined;
  readonly errors:
    | readonly {
        readonly message: string;
        readonly path?: readonly (string | number)[];
        readonly extensions: Record<string, unknown>;
      }[]
    | undefined;
  readonly text: string;
}

export interface TestClientOptions {
  readonly accessToken?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Speaks to the product as any program does, and keeps the cookie it is given, as a browser does. */
export class TestClient {
  readonly url: string;
  /** That of the session. */
  cookie: string | undefined;
  /** By which it is known again, as a browser is. */
  deviceCookie: string | undefined;
  accessToken: string | undefined;
  /** Of the sockets; without it the access token is the credential there. */
  connectionParams: Readonly<Record<string, unknown>> | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(app: Pick<TestApp, 'url'>, options: TestClientOptions = {}) {
    this.url = app.url;
    this.accessToken = options.accessToken;
    this.headers = options.headers ?? {};
  }

  // biome-ignore lint/suspicious/noExplicitAny: tests read answers of any shape; the assertion is the check
  async send<Data = any>(
    query: string,
    variables?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<GraphqlAnswer<Data>> {
    return this.post<Data>(JSON.stringify({ query, variables }), headers);
  }

  async post<Data>(body: string | Buffer, headers: Readonly<Record<string, string>> = {}): Promise<GraphqlAnswer<Data>> {
    const cookie = [this.cookie, this.deviceCookie].filter((pair) => pair !== undefined).join('; ');
    const response = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(this.accessToken ? { authorization: `Bearer ${this.accessToken}` } : {}),
        ...(cookie ? { cookie, origin: this.url } : {}),
        ...this.headers,
        ...headers,
      },
      body: typeof body === 'string' ? body : new Uint8Array(body),
    });
    const cookies = response.headers.getSetCookie();
    for (const cookie of cookies) {
      const pair = /Max-Age=0/.test(cookie) ? undefined : cookie.split(';')[0];
      if (/^(?:__Host-)?sallyport-device=/.test(cookie)) this.deviceCookie = pair;
      else this.cookie = pair;
    }
    const text = await response.text();
    let parsed: { data?: Data | null; errors?: GraphqlAnswer['errors'] } = {};
    try {
      parsed = JSON.parse(text);
    } catch {
      // Not JSON: the text tells.
    }
    return { status: response.status, headers: response.headers, data: parsed.data, errors: parsed.errors, text };
  }

  /** A graphql-ws client with this client's credentials. Closes are told to `onClosed`; nothing is retried. */
  socket(onClosed: (code: number, reason: string) => void = () => {}, headers: Readonly<Record<string, string>> = {}): Client {
    const cookie = this.cookie;
    const url = this.url;
    class WithHeaders extends WebSocket {
      constructor(address: string, protocols: string[]) {
        super(address, protocols, { headers: { ...(cookie ? { cookie, origin: url } : {}), ...headers } });
      }
    }
    return createClient({
      url: `${this.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WithHeaders,
      retryAttempts: 0,
      lazy: true,
      ...(this.connectionParams
        ? { connectionParams: this.connectionParams }
        : this.accessToken
          ? { connectionParams: { authorization: `Bearer ${this.accessToken}` } }
          : {}),
      on: { closed: (event) => onClosed((event as CloseEvent).code, (event as CloseEvent).reason) },
    });
  }
}
