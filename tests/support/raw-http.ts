import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect } from 'vitest';

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends bytes and reads the head of the answer and what came with it. */
export async function ask(url: string, bytes: string): Promise<RawAnswer> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1').setEncoding('latin1');
  socket.on('error', () => undefined);
  let text = '';
  socket.on('data', (chunk: string) => {
    text += chunk;
  });
  const closed = once(socket, 'close');
  socket.write(bytes, 'latin1');
  await Promise.race([closed, expect.poll(() => isWhole(text), { timeout: 10_000, interval: 10 }).toBe(true)]);
  socket.destroy();
  const [head = '', body = ''] = text.split(/\r\n\r\n(.*)/s);
  const [status = '', ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => line.split(/: (.*)/s).slice(0, 2)).map(([k = '', v = '']) => [k.toLowerCase(), v]),
  );
  return { status: Number(status.split(' ')[1]), headers, body };
}

function isWhole(text: string): boolean {
  const [head = '', body = ''] = text.split(/\r\n\r\n(.*)/s);
  if (!text.includes('\r\n\r\n')) return false;
  if (head.startsWith('HTTP/1.1 101')) return true;
  const length = /^content-length: (\d+)/im.exec(head)?.[1];
  return length === undefined ? /^HTTP\/1.1 (204|304)/.test(head) || body.endsWith('0\r\n\r\n') : body.length >= Number(length);
}

/** A request as bytes, with whatever header fields a client library would not send. */
export const request = (method: string, target: string, headers: Readonly<Record<string, string>> = {}, body = '') =>
  `${method} ${target} HTTP/1.1\r\n${Object.entries({ host: 'localhost', ...headers })
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n${body}`;
export const post = (body: string, headers: Readonly<Record<string, string>> = {}) =>
  request('POST', '/graphql', { 'content-type': 'application/json', 'content-length': String(body.length), ...headers }, body);
export const handshake = (target: string, headers: Readonly<Record<string, string>> = {}) =>
  request('GET', target, {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': randomBytes(16).toString('base64'),
    ...headers,
  });
