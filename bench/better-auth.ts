import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bench } from './bench.ts';
import type { LoadRequest } from './load.ts';
import { answers, freePort, type Program, startProgram } from './processes.ts';
import { exchange } from './product.ts';
import { password } from './seed.ts';

export interface BetterAuth {
  readonly origin: string;
  readonly program: Program;
  /** One for each person who signed up, with that of the cookie cache where it is on. */
  readonly cookies: readonly string[];
  readonly signIns: readonly LoadRequest[];
  /** How often the database was asked so far. */
  databaseUses(): Promise<number>;
}

export const getSessionPath = '/api/auth/get-session';
export const signInPath = '/api/auth/sign-in/email';

/** Starts the peer in a database of its own, with people in it. */
export async function startBetterAuth(bench: Bench, people: number, { cookieCache = false } = {}): Promise<BetterAuth> {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const program = await startProgram(
    {
      name: 'better-auth',
      entry: fileURLToPath(new URL('server-better-auth.mjs', import.meta.url)),
      env: {
        NODE_ENV: 'production',
        PORT: String(port),
        DATABASE_URL: await bench.postgres.createDatabase('peer'),
        COOKIE_CACHE: String(cookieCache),
        BETTER_AUTH_SECRET: randomBytes(32).toString('base64url'),
      },
      outputFile: join(bench.folder, `better-auth-${port}.log`),
    },
    answers(`${origin}/ready`),
  );
  bench.defer(() => program.stop());
  const headers = { 'content-type': 'application/json', origin };
  const cookies: string[] = [];
  const signIns: LoadRequest[] = [];
  for (let index = 0; index < people; index += 1) {
    const email = `person-${index}@example.com`;
    const body = JSON.stringify({ email, password, name: 'Ada Lovelace' });
    const signedUp = await exchange(origin, '/api/auth/sign-up/email', { headers, body });
    const wanted = cookieCache ? ['session_token', 'session_data'] : ['session_token'];
    const given = signedUp.headers.getSetCookie().map((line) => line.split(';')[0] ?? '');
    const found = wanted.map((name) => given.find((pair) => pair.split('=')[0]?.endsWith(name)));
    if (found.includes(undefined)) throw new Error(`better-auth gave not all cookies: ${signedUp.text}`);
    cookies.push(found.join('; '));
    signIns.push({ headers, body: JSON.stringify({ email, password }) });
  }
  const databaseUses = async () => Number(await (await fetch(`${origin}/database-uses`)).text());
  return { origin, program, cookies, signIns, databaseUses };
}
