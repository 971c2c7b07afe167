import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HostFixture, startHost } from './host-fixture.ts';

let host: HostFixture;
beforeAll(async () => {
  host = await startHost({
    // The shortest limit there is; the host looks for slow requests every two seconds.
    environment: { REQUEST_TIMEOUT_MS: '1000' },
    routes: (app) => app.post('/echo', async ({ body }) => ({ body })),
  });
});
afterAll(() => host.app.close());

const headOfPost = 'POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';

/** Says `first`, then `more` again and again until the other side has had enough. Each piece comes long before any silence ends. */
async function dribble(first: string, more: string): Promise<string> {
  const socket = connect(host.port, '127.0.0.1').setEncoding('utf8');
  let answer = '';
  socket.on('data', (chunk: string) => {
    answer += chunk;
  });
  // The last piece may meet a connection that is closed already.
  socket.on('error', () => {});
  socket.write(first);
  const drip = setInterval(() => socket.write(more), 50);
  const headers = { 'content-type': 'application/json' };
  expect(await host.call('/echo', { method: 'POST', headers, body: '{"a":1}' })).toMatchObject({ status: 200 });
  // That the other was answered while this one was held open.
  expect(socket.closed).toBe(false);
  await once(socket, 'close');
  clearInterval(drip);
  return answer;
}

describe('a client that sends its request a few bytes at a time (slowloris)', () => {
  it.concurrent.each([
    ['the request line', 'POST /', 'e'],
    ['one header without an end', `${headOfPost}x-slow: `, 'a'],
    ['headers without an end', headOfPost, 'x-slow: a\r\n'],
    ['a body of a known length', `${headOfPost}content-length: 100000\r\n\r\n"`, 'a'],
    ['a body in chunks', `${headOfPost}transfer-encoding: chunked\r\n\r\n1\r\n"\r\n`, '1\r\na\r\n'],
    ['nothing at all', '', ''],
  ])('loses its connection, and others are answered meanwhile: %s', async (_what, first, more) => {
    const answer = await dribble(first, more);
    expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
    expect(answer).toContain('\r\nconnection: close\r\n');
    expect(answer).toContain('"code":"REQUEST_TIMEOUT"');
  });
});
