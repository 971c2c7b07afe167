import { existsSync } from 'node:fs';
import { join, sep } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/** Paths at which the browser application answers; it reads the path itself. */
export const pagePaths = ['/', '/verify-email', '/reset-password', '/setup', '/unknown-device', '/dev/mailbox'] as const;

const immutable = 'public, max-age=31536000, immutable';

const notBuilt = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Sallyport</title>
<h1>The pages are not built</h1>
<p>The API runs. To have its pages as well, run <code>npm run build:web</code> and start again.</p>
</html>
`;

/**
 * The built pages of `folder`. Files under assets/ have a hash in their name, so they may be kept for ever; the page itself
 * is asked for again each time. Only files that exist at start-up are served: no path of a request reaches the disk.
 */
export async function servePages(app: FastifyInstance, folder: string): Promise<void> {
  if (!existsSync(join(folder, 'index.html'))) {
    for (const path of pagePaths) {
      app.get(path, async (_request, reply) =>
        reply.code(503).header('cache-control', 'no-store').header('content-type', 'text/html; charset=utf-8').send(notBuilt),
      );
    }
    return;
  }
  await app.register(fastifyStatic, {
    root: folder,
    wildcard: false,
    index: false,
    cacheControl: false,
    dotfiles: 'deny',
    setHeaders: (reply, path) => {
      reply.header('cache-control', path.startsWith(join(folder, 'assets') + sep) ? immutable : 'no-cache');
    },
  });
  for (const path of pagePaths) app.get(path, async (_request, reply) => reply.sendFile('index.html'));
}
