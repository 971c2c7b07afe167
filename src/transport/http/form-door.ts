import type { FastifyInstance } from 'fastify';
import type { RequestOrigin } from '#kernel/actor.ts';

/** A door for forms by POST, as OAuth's endpoints are (RFC 6749, 3.2). It reads no cookie, so no page can act by one. */
export interface FormDoor {
  readonly path: string;
  handle(form: Readonly<Record<string, string>>, origin: RequestOrigin): Promise<FormAnswer>;
}

/** Without a body, or an error of RFC 6749, 5.2. */
export type FormAnswer = { readonly status: 200 } | { readonly status: 400; readonly error: 'invalid_request' };

const formType = 'application/x-www-form-urlencoded';

/** Opens the door in a scope of its own: nowhere else are forms read. */
export async function serveFormDoor(app: FastifyInstance, { path, handle }: FormDoor): Promise<void> {
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser<string>(formType, { parseAs: 'string' }, (_request, body, done) => done(null, readForm(body)));
    scope.post<{ Body: Readonly<Record<string, string>> | null | undefined }>(path, async (request, reply) => {
      const origin = {
        ipAddress: request.ip,
        userAgent: request.headers['user-agent'] ?? '',
        correlationId: request.id,
      };
      const answer: FormAnswer = request.body ? await handle(request.body, origin) : { status: 400, error: 'invalid_request' };
      reply.code(answer.status).header('cache-control', 'no-store');
      return answer.status === 200 ? reply.send() : reply.send({ error: answer.error });
    });
  });
}

/** Null when a parameter comes twice (RFC 6749, 3.2): readers that differ in which one counts are an attack. */
function readForm(body: string): Readonly<Record<string, string>> | null {
  const parameters = [...new URLSearchParams(body)];
  const form = new Map(parameters);
  return form.size === parameters.length ? Object.fromEntries(form) : null;
}
