import { once } from 'node:events';
import WebSocket from 'ws';
import type { TestApp } from './make-test-app.ts';

interface Message {
  readonly type: string;
  readonly id?: string;
  readonly payload?: unknown;
}

/** A WebSocket that speaks graphql-transport-ws by hand, so that it can break the rules. */
export interface RawSocket {
  readonly messages: readonly Message[];
  readonly closed: readonly { readonly code: number; readonly reason: string }[];
  send(message: Message): void;
  /** connection_init with this access token, until it is acknowledged. */
  init(accessToken: string): Promise<void>;
  subscribe(id: string, query: string, variables?: Record<string, unknown>): void;
  close(): void;
}

export interface RawSocketOptions {
  readonly protocols?: string | string[];
  readonly headers?: Readonly<Record<string, string>>;
}

export async function openRawSocket(app: Pick<TestApp, 'url'>, options: RawSocketOptions = {}): Promise<RawSocket> {
  const { protocols = 'graphql-transport-ws', headers = {} } = options;
  const socket = new WebSocket(`${app.url.replace('http', 'ws')}/graphql`, protocols, { headers });
  const messages: Message[] = [];
  const closed: { code: number; reason: string }[] = [];
  socket.on('message', (data) => messages.push(JSON.parse(String(data)) as Message));
  socket.on('close', (code, reason) => closed.push({ code, reason: reason.toString() }));
  socket.on('error', () => undefined);
  await Promise.race([once(socket, 'open'), once(socket, 'close')]);
  const send = (message: Message) => socket.send(JSON.stringify(message));
  return {
    messages,
    closed,
    send,
    init: async (accessToken) => {
      const answered = Promise.race([once(socket, 'message'), once(socket, 'close')]);
      send({ type: 'connection_init', payload: { authorization: `Bearer ${accessToken}` } });
      await answered;
    },
    subscribe: (id, query, variables = {}) => send({ type: 'subscribe', id, payload: { query, variables } }),
    close: () => socket.terminate(),
  };
}
