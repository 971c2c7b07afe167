import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { newCorrelationId } from '#platform/observability/correlation.ts';
import { MalformedRequestError, RequestTimeoutError } from './http.errors.ts';
import { answerAndLetGo } from './last-answer.ts';
import { problemContentType, toProblem } from './problem.ts';

/**
 * Answers what Node could not read as HTTP, or what took too long to arrive, and ends the connection: its framing is lost
 * (RFC 9112, 9.6). No route and no hook has seen such a request.
 */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const shown = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? new RequestTimeoutError() : new MalformedRequestError();
  const correlationId = newCorrelationId();
  const body = JSON.stringify(toProblem(shown, correlationId));
  const head = [
    `HTTP/1.1 ${shown.status} ${STATUS_CODES[shown.status]}`,
    `content-type: ${problemContentType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${correlationId}`,
    'x-content-type-options: nosniff',
    'cache-control: no-store',
    'connection: close',
  ];
  answerAndLetGo(socket, `${head.join('\r\n')}\r\n\r\n${body}`);
}
