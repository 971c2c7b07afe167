import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestClient } from '#tests/support/client.ts';
import { makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { documents } from '#tests/support/stories.ts';

/** Slowloris: many connections whose requests never end, a byte now and then, so that no others are served. */

/** Of each kind. */
const attackers = 40;

let app: TestApp;
beforeAll(async () => {
  app = await makeTestApp({ env: { REQUEST_TIMEOUT_MS: '1000' } });
});
afterAll(() => app.close());

interface Dribble {
  readonly socket: Socket;
  readonly closed: Promise<unknown>;
  received(): string;
  stop(): void;
}

async function dribble(opening: string, drop: () => string): Promise<Dribble> {
  const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  const closed = once(socket, 'close').catch(() => undefined);
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  await once(socket, 'connect');
  socket.write(opening);
  const timer = setInterval(() => socket.writable && socket.write(drop()), 100);
  void closed.then(() => clearInterval(timer));
  return { socket, closed, received: () => text, stop: () => socket.destroy() };
}

let drops = 0;
const headerDrop = () => {
  drops += 1;
  return `x-drop-${drops}: 1\r\n`;
};
const unfinishedHead = 'POST /graphql HTTP/1.1\r\nhost: localhost\r\n';
const unfinishedBody = `${unfinishedHead}content-type: application/json\r\ncontent-length: 100000\r\n\r\n{`;
const unfinishedChunks = `${unfinishedHead}content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`;

const kinds: readonly (readonly [how: string, opening: string, drop: () => string])[] = [
  ['header fields that never end', unfinishedHead, headerDrop],
  ['a first line that never ends', 'POST /', () => 'x'],
  ['a body that never ends', unfinishedBody, () => ' '],
  ['chunks that never end', unfinishedChunks, () => '1\r\n \r\n'],
  ['nothing at all', '', () => ''],
];
const refusal = /^(HTTP\/1\.1 408 Request Timeout\r\n[\s\S]*"code":"REQUEST_TIMEOUT"|$)/;

describe('slowloris', () => {
  it('keeps nobody from being served, and each kind of connection is closed by the request timeout', async () => {
    const dribbles = await Promise.all(
      kinds.flatMap(([how, opening, drop]) =>
        Array.from({ length: attackers }, async () => ({ how, ...(await dribble(opening, drop)) })),
      ),
    );
    try {
      const answers = await Promise.all(Array.from({ length: 20 }, () => new TestClient(app).send(documents.viewer)));
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
      expect((await fetch(`${app.url}/health/ready`)).status).toBe(200);
      // Closed by the server, without an attacker's help.
      await Promise.all(dribbles.map(({ closed }) => closed));
      for (const { how, received } of dribbles) expect([how, received()]).toEqual([how, expect.stringMatching(refusal)]);
      // Most have read why; to some the end came while they were writing.
      expect(dribbles.filter(({ received }) => received() !== '').length).toBeGreaterThan(dribbles.length / 2);
    } finally {
      for (const one of dribbles) one.stop();
    }
    expect((await new TestClient(app).send(documents.viewer)).status).toBe(200);
    expect(app.logs.filter(({ level }) => level === 'error')).toEqual([]);
  });
});
