import type { Socket } from 'node:net';
import type { AppError } from '#kernel/app-error.ts';
import { newCorrelationId } from '#platform/observability/correlation.ts';
import { HeadersTooLargeError, MalformedRequestError, RequestTimeoutError } from './http.errors.ts';
import type { AnswerRaw } from './raw-answer.ts';

/**
 * Answers what Node could not read as HTTP, or what took too long to arrive, and ends the connection: its framing is lost
 * (RFC 9112, 9.6). No route and no hook has seen such a request.
 */
export function createClientErrorAnswer(answer: AnswerRaw): (error: Error & { code?: string }, socket: Socket) => void {
  return (error, socket) => {
    if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
      socket.destroy();
      return;
    }
    answer(socket, shownFor(error.code), newCorrelationId());
  };
}

function shownFor(code: string | undefined): AppError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new RequestTimeoutError();
  if (code === 'HPE_HEADER_OVERFLOW') return new HeadersTooLargeError();
  return new MalformedRequestError();
}
