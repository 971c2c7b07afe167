import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type WebSocket as ServerSocket, WebSocketServer } from 'ws';
import { openSecurityEvents, type SecurityEventsSink } from './open-security-events.ts';

interface Subscribed {
  readonly after: unknown;
  send(cursor: string): void;
  complete(): void;
  /** Closes the socket with that code, or without a word. */
  drop(closeCode: number | null): void;
}

/** A server that speaks just enough of graphql-transport-ws, and can drop its clients. */
class Server {
  readonly #wss = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'graphql-transport-ws' });
  readonly #waiting: ((subscribed: Subscribed) => void)[] = [];

  constructor() {
    this.#wss.on('connection', (socket) => socket.on('message', (data) => this.#receive(socket, JSON.parse(String(data)))));
  }

  /** The address, once it listens. */
  async origin(): Promise<string> {
    if (this.#wss.address() === null) await once(this.#wss, 'listening');
    return `http://127.0.0.1:${(this.#wss.address() as AddressInfo).port}/`;
  }

  subscribed(): Promise<Subscribed> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  close(): void {
    for (const socket of this.#wss.clients) socket.terminate();
    this.#wss.close();
  }

  #receive(socket: ServerSocket, message: { type: string; id: string; payload?: { variables: { after: unknown } } }): void {
    if (message.type === 'connection_init') socket.send('{"type":"connection_ack"}');
    if (message.type !== 'subscribe') return;
    const { id } = message;
    this.#waiting.shift()?.({
      after: message.payload?.variables.after,
      send: (cursor) =>
        socket.send(JSON.stringify({ id, type: 'next', payload: { data: { securityEvents: { id: cursor, cursor } } } })),
      complete: () => socket.send(JSON.stringify({ id, type: 'complete' })),
      drop: (closeCode) => (closeCode === null ? socket.terminate() : socket.close(closeCode)),
    });
  }
}

function makeSink() {
  const received: string[] = [];
  const states: string[] = [];
  const waiting: (() => void)[] = [];
  const sink: SecurityEventsSink = {
    event: (event) => {
      received.push(event.id);
      waiting.shift()?.();
    },
    connection: (state) => states.push(state),
    interrupted: vi.fn(async () => {}),
  };
  return { sink, received, states, nextEvent: () => new Promise<void>((resolve) => waiting.push(resolve)) };
}

describe('openSecurityEvents', () => {
  let server: Server;
  let close = () => {};

  beforeEach(async () => {
    server = new Server();
    vi.stubGlobal('window', new EventTarget());
    vi.stubGlobal('location', new URL(await server.origin()));
    vi.spyOn(Math, 'random').mockReturnValue(0);
  });

  afterEach(() => {
    close();
    server.close();
    vi.useRealTimers();
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });

  it.each([null, 1012, 4403, 4500])('resumes behind the last event after the socket closed with %s', async (code) => {
    const { sink, received, states, nextEvent } = makeSink();
    const first = server.subscribed();
    close = openSecurityEvents(sink);
    const before = await first;
    expect(before.after).toBe('0');
    const delivered = nextEvent();
    before.send('41');
    await delivered;

    const second = server.subscribed();
    before.drop(code);
    const after = await second;
    expect(after.after).toBe('41');
    expect(sink.interrupted).toHaveBeenCalled();
    const resumed = nextEvent();
    after.send('42');
    await resumed;
    expect(received).toEqual(['41', '42']);
    expect(states).toContain('reconnecting');
    expect(states.at(-1)).toBe('live');
  });

  it('resumes too when the server completes the subscription but leaves the socket open', async () => {
    const { sink, nextEvent } = makeSink();
    const first = server.subscribed();
    close = openSecurityEvents(sink);
    const before = await first;
    const delivered = nextEvent();
    before.send('7');
    await delivered;
    const second = server.subscribed();
    before.complete();
    expect((await second).after).toBe('7');
    expect(sink.interrupted).toHaveBeenCalled();
  });

  it('does not come back once it was closed while it was away, as when the session has ended', async () => {
    const opened = vi.fn();
    const RealWebSocket = WebSocket;
    vi.stubGlobal(
      'WebSocket',
      class extends RealWebSocket {
        constructor(...parameters: ConstructorParameters<typeof WebSocket>) {
          opened();
          super(...parameters);
        }
      },
    );
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { sink, states } = makeSink();
    const settled = new Promise<void>((resolve) => {
      sink.interrupted = async () => {
        close();
        resolve();
      };
    });
    const first = server.subscribed();
    close = openSecurityEvents(sink);
    (await first).drop(4403);
    await settled;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(opened).toHaveBeenCalledTimes(1);
    expect(states.at(-1)).toBe('reconnecting');
  });
});
