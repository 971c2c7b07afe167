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
  /** One for each person who signed up. */
  readonly cookies: readonly string[];
  readonly signIns: readonly LoadRequest[];
}

export const getSessionPath = '/api/auth/get-session';
export const signInPath = '/api/auth/sign-in/email';

/** Starts the peer in a database of its own, with people in it. */
export async function startBetterAuth(bench: Bench, people: number): Promise<BetterAuth> {
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
        BETTER_AUTH_SECRET: randomBytes(32).toString('base64url'),
      },
      outputFile: join(bench.folder, 'better-auth.log'),
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
    const cookie = signedUp.headers
      .getSetCookie()
      .find((line) => line.includes('session_token'))
      ?.split(';')[0];
    if (cookie === undefined) throw new Error(`better-auth gave no cookie: ${signedUp.text}`);
    cookies.push(cookie);
    signIns.push({ headers, body: JSON.stringify({ email, password }) });
  }
  return { origin, program, cookies, signIns };
}
