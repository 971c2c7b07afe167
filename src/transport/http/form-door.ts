import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { DpopNonceRequiredError } from '#capabilities/sessions/index.ts';
import type { RequestOrigin } from '#kernel/actor.ts';
import { AppError } from '#kernel/app-error.ts';
import { ForbiddenError } from '#kernel/errors.ts';
import { errorOf, insufficientScope, wwwAuthenticate } from './www-authenticate.ts';

/** A door for forms by POST, as OAuth's endpoints are (RFC 6749, 3.2). It reads no cookie, so no page can act by one. */
export interface FormDoor {
  readonly path: string;
  /** What it takes to pass; told to who lacks it (RFC 6750, 3.1). */
  readonly scope?: string;
  handle(form: Form, request: FormRequest): Promise<FormAnswer>;
}

export type Form = Readonly<Record<string, string>>;

export interface FormRequest {
  readonly origin: RequestOrigin;
  readonly headers: IncomingHttpHeaders;
}

/** Without a body or with a JSON object, or an error of RFC 6749, 5.2. */
export type FormAnswer =
  | { readonly status: 200; readonly body?: object }
  | { readonly status: 400; readonly error: 'invalid_request' };

const formType = 'application/x-www-form-urlencoded';

/** Opens the door in a scope of its own: nowhere else are forms read. */
export async function serveFormDoor(app: FastifyInstance, { path, scope: needed, handle }: FormDoor): Promise<void> {
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser<string>(formType, { parseAs: 'string' }, (_request, body, done) => done(null, readForm(body)));
    scope.post<{ Body: Form | null | undefined }>(path, async (request, reply) => {
      const { body, headers } = request;
      const origin = { ipAddress: request.ip, userAgent: headers['user-agent'] ?? '', correlationId: request.id };
      reply.header('cache-control', 'no-store');
      try {
        const answer: FormAnswer = body ? await handle(body, { origin, headers }) : { status: 400, error: 'invalid_request' };
        reply.code(answer.status);
        return answer.status === 200 ? reply.send(answer.body) : reply.send({ error: answer.error });
      } catch (error) {
        const refused = refuse(reply, error, needed);
        if (refused) return refused;
        throw error;
      }
    });
  });
}

/** A credential that is missing, bad or not enough, in the words of RFC 6750, 3; undefined for any other error. */
function refuse(reply: FastifyReply, error: unknown, needed: string | undefined): FastifyReply | undefined {
  if (error instanceof ForbiddenError && needed !== undefined)
    return reply.code(403).header('www-authenticate', insufficientScope(needed)).send({ error: 'insufficient_scope' });
  if (!(error instanceof AppError) || error.status !== 401) return undefined;
  if (error instanceof DpopNonceRequiredError) reply.header('dpop-nonce', error.nonce);
  const code = errorOf(error);
  reply.code(401).header('www-authenticate', wwwAuthenticate(error));
  // Who brought no credential is told of no error, but how to bring one.
  return code === undefined ? reply.send() : reply.send({ error: code });
}

/** Null when a parameter comes twice (RFC 6749, 3.2): readers that differ in which one counts are an attack. */
function readForm(body: string): Form | null {
  const parameters = [...new URLSearchParams(body)];
  const form = new Map(parameters);
  return form.size === parameters.length ? Object.fromEntries(form) : null;
}
