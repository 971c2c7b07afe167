import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { TestClient } from '#tests/support/client.ts';
import { makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { documents } from '#tests/support/stories.ts';

let app: TestApp;
beforeAll(async () => {
  app = await makeTestApp();
});
afterAll(() => app.close());

async function open(): Promise<Socket> {
  const { port } = new URL(app.url);
  const socket = connect(Number(port), '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

function handshake(target: string, headers: Readonly<Record<string, string>> = {}): string {
  const all = {
    host: 'localhost',
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': randomBytes(16).toString('base64'),
    'sec-websocket-protocol': 'graphql-transport-ws',
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${target} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/** The status of the answer to a handshake, or what came instead. */
async function answer(request: string): Promise<string> {
  const socket = await open();
  socket.write(request);
  const [first] = await Promise.race([once(socket, 'data'), once(socket, 'close').then(() => ['closed'])]);
  socket.destroy();
  return String(first).split('\r\n')[0] ?? '';
}

/** A frame as a client sends it (RFC 6455, 5.2), masked with zeros. */
function frame(opcode: number, payload: Buffer, { final = true } = {}): Buffer {
  const length = payload.length < 126 ? [0x80 | payload.length] : [0x80 | 127, 0, 0, 0, 0, ...lengthBytes(payload.length)];
  return Buffer.concat([Buffer.from([(final ? 0x80 : 0) | opcode, ...length, 0, 0, 0, 0]), payload]);
}

function lengthBytes(length: number): number[] {
  return [24, 16, 8, 0].map((shift) => (length >> shift) & 255);
}

async function stillServes(): Promise<void> {
  expect((await new TestClient(app).send(documents.viewer)).status).toBe(200);
  expect(await answer(handshake('/graphql'))).toBe('HTTP/1.1 101 Switching Protocols');
}

describe('the WebSocket handshake', () => {
  it.each([
    '//',
    '///graphql',
    '//graphql',
    '//[',
    'http://[/graphql',
    '/%',
    '/%00graphql',
    '*',
    '/graphql/',
    '/GRAPHQL',
    '/other',
    '/graphql%2f..',
  ])('is refused for the target %s, and the server goes on', async (target) => {
    expect(await answer(handshake(target))).toMatch(/^HTTP\/1\.1 4\d\d|^closed/);
    await stillServes();
  });

  it.each(['https://attacker.example', 'null', 'http://localhost.attacker.example', 'http://localhost:1', '', 'file://'])(
    'is refused for the foreign origin %j',
    async (origin) => {
      expect(await answer(handshake('/graphql', { origin }))).toBe('HTTP/1.1 403 Forbidden');
    },
  );

  it('is accepted from an own page', async () => {
    expect(await answer(handshake('/graphql', { origin: app.url }))).toBe('HTTP/1.1 101 Switching Protocols');
  });

  it('is refused with a bad version or key', async () => {
    expect(await answer(handshake('/graphql', { 'sec-websocket-version': '12' }))).toMatch(/ 4\d\d /);
    expect(await answer(handshake('/graphql', { 'sec-websocket-key': 'short' }))).toMatch(/ 400 /);
  });

  it('keeps no socket of a caller who was refused and never hangs up', async () => {
    for (const request of [handshake('/other'), handshake('/graphql', { origin: 'https://attacker.example' })]) {
      const { port } = new URL(app.url);
      const socket = connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true });
      const closed = vi.fn();
      socket.on('error', closed).on('close', closed);
      socket.write(request);
      await once(socket, 'data');
      // Whoever has let go of a connection answers what still comes with a reset.
      await expect
        .poll(
          () => {
            socket.write('x');
            return closed.mock.calls.length;
          },
          { timeout: 10_000, interval: 100 },
        )
        .toBeGreaterThan(0);
      socket.destroy();
    }
  });

  it('survives callers who hang up in the middle of it', async () => {
    for (const target of ['/graphql', '/other', '//']) {
      for (let round = 0; round < 10; round += 1) {
        const socket = await open();
        socket.write(handshake(target));
        socket.resetAndDestroy();
      }
    }
    await stillServes();
  });
});

describe('an open socket', () => {
  async function upgraded(
    headers: Readonly<Record<string, string>> = {},
  ): Promise<{ socket: Socket; bytes(): Buffer; closed: Promise<unknown> }> {
    const socket = await open();
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    const closed = once(socket, 'close');
    socket.write(handshake('/graphql', headers));
    await once(socket, 'data');
    // What came right behind the head of the answer stays.
    const all = Buffer.concat(chunks);
    chunks.splice(0, chunks.length, all.subarray(all.indexOf('\r\n\r\n') + 4));
    return { socket, bytes: () => Buffer.concat(chunks), closed };
  }

  it.each(['graphql-ws', 'soap', 'graphql-transport-ws-2'])(
    'is closed with 4406 when only the subprotocol %s is offered',
    async (protocol) => {
      const { socket, bytes } = await upgraded({ 'sec-websocket-protocol': protocol });
      await expect.poll(() => bytes()[0], { timeout: 10_000 }).toBe(0x88);
      expect(bytes().readUInt16BE(2)).toBe(4406);
      socket.destroy();
    },
  );

  it.each([
    ['a message of more than 64 KiB', frame(1, Buffer.alloc(70_000, 'a')), 1009],
    ['text that is not UTF-8', frame(1, Buffer.from([0xff, 0xfe])), 1007],
    ['a reserved opcode', frame(3, Buffer.from('x')), 1002],
    ['a fragmented control frame', frame(9, Buffer.from('x'), { final: false }), 1002],
    ['an unmasked frame', Buffer.from([0x81, 0x01, 0x61]), 1002],
    ['text that is not JSON', frame(1, Buffer.from('{')), 4400],
    ['JSON that is no message', frame(1, Buffer.from('[]')), 4400],
    ['a message of an unknown type', frame(1, Buffer.from('{"type":"attack"}')), 4400],
    ['a message with a prototype', frame(1, Buffer.from('{"__proto__":{"type":"ping"}}')), 4400],
  ])('is closed over %s, and the server goes on', async (_name, bytes, code) => {
    const { socket, bytes: received } = await upgraded();
    socket.write(bytes);
    // A close frame of the server's: opcode 8, unmasked, its first two bytes the code.
    await expect.poll(() => received()[0], { timeout: 10_000 }).toBe(0x88);
    expect(received().readUInt16BE(2)).toBe(code);
    socket.destroy();
    await stillServes();
  });

  it('is taken from whoever does not answer the close', async () => {
    const { socket, bytes, closed } = await upgraded();
    socket.write(frame(1, Buffer.from('{')));
    await expect.poll(() => bytes()[0], { timeout: 10_000 }).toBe(0x88);
    // Neither the close frame nor the end of the connection is answered.
    await closed;
    socket.destroy();
  }, 15_000);
});

describe('a request whose Host is none', () => {
  const body = JSON.stringify({ query: '{ viewer { user { id } } }' });

  it.each(['', '%', 'a:99999', '::', '[', 'a b', 'a@b:c'])('is refused, not stumbled over: %j', async (host) => {
    const request = `POST /graphql HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    expect(await answer(request)).toMatch(/ 400 | 200 /);
    expect(app.logs.filter(({ level }) => level === 'error')).toEqual([]);
  });
});
