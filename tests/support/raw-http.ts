import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends bytes as they are and reads one answer, whole or until the other side closes. */
export async function ask(url: string, bytes: string): Promise<RawAnswer> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1').setEncoding('latin1');
  const text = await new Promise<string>((resolve) => {
    let received = '';
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(received));
    socket.on('data', (chunk: string) => {
      received += chunk;
      if (isWhole(received)) resolve(received);
    });
    socket.write(bytes, 'latin1');
  });
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
  if (/^HTTP\/1.1 (101|204|304)/.test(head)) return true;
  const length = /^content-length: (\d+)/im.exec(head)?.[1];
  return length === undefined ? body.endsWith('0\r\n\r\n') : body.length >= Number(length);
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
