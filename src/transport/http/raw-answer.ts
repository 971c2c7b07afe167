import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { AppError } from '#kernel/app-error.ts';
import { answerAndLetGo } from './last-answer.ts';
import { problemContentType, toProblem } from './problem.ts';
import type { SecurityHeaders } from './security-headers.ts';

/** Answers on a bare connection, where there is no reply to write to, and ends it. */
export type AnswerRaw = (socket: Duplex, error: AppError, correlationId: string) => void;

/** Makes the writer of problem documents (RFC 9457) for refused upgrades and for what could not be read as HTTP. */
export function createRawAnswer(securityHeaders: Pick<SecurityHeaders, 'list'>): AnswerRaw {
  return (socket, error, correlationId) => {
    const body = JSON.stringify(toProblem(error, correlationId));
    const headers: readonly (readonly [string, string | number])[] = [
      ['content-type', problemContentType],
      ['content-length', Buffer.byteLength(body)],
      ['cache-control', 'no-store'],
      ['x-request-id', correlationId],
      ...(error.retryAfterSeconds === undefined ? [] : [['retry-after', error.retryAfterSeconds] as const]),
      ...securityHeaders.list(),
      ['connection', 'close'],
    ];
    const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`);
    answerAndLetGo(socket, `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}\r\n${lines.join('')}\r\n${body}`);
  };
}
