import { createServer } from 'node:http';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { toNodeHandler } from 'better-auth/node';
import pg from 'pg';

/**
 * The peer: better-auth with its own Node handler and sessions in PostgreSQL. Without its cookie cache a revocation counts at
 * once, as it does in the product; with it, a session is read from a signed cookie for five minutes. Everything else as it
 * comes, but for its rate limit, which the load would meet.
 */

const port = Number(process.env.PORT);
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
let asked = 0;
pool.on('acquire', () => {
  asked += 1;
});
const auth = betterAuth({
  database: pool,
  baseURL: `http://127.0.0.1:${port}`,
  secret: process.env.BETTER_AUTH_SECRET,
  emailAndPassword: { enabled: true },
  session: { cookieCache: { enabled: process.env.COOKIE_CACHE === 'true' } },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
});
const { runMigrations } = await getMigrations(auth.options);
await runMigrations();

const handle = toNodeHandler(auth);
const server = createServer((request, response) => {
  if (request.url === '/ready') response.end('ready');
  else if (request.url === '/database-uses') response.end(String(asked));
  else void handle(request, response);
});
server.keepAliveTimeout = 72_000;
process.once('SIGTERM', () => process.exit(0));
server.listen(port, '127.0.0.1');
