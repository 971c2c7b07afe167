import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';
import { freePort } from '#platform/db/embedded/port.ts';
import { Launched } from './pretend-project.ts';

const projectFolder = fileURLToPath(new URL('../../..', import.meta.url));

/** A program of the product on a data folder of the test's, with cheap password hashing and nothing of our own environment. */
export function runProgram(program: string, args: readonly string[], environment: Readonly<Record<string, string>>): Launched {
  const env = { PATH: '/usr/bin:/bin', ARGON2_MEMORY_KIB: '64', ARGON2_ITERATIONS: '1', ...environment };
  const child = spawn(process.execPath, [program, ...args], { cwd: projectFolder, env, detached: true });
  const launched = new Launched(child);
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await launched.exitCode();
  });
  return launched;
}

/** Starts the server on a free port. */
export async function startProduct(environment: Readonly<Record<string, string>>): Promise<{ port: number; server: Launched }> {
  const port = await freePort();
  return { port, server: runProgram('src/app/main.ts', [], { PORT: String(port), ...environment }) };
}

/** For a test that starts the whole product a few times, on a machine that has much else to do. */
export const startPatience = 120_000;

/** Waits until the program has said `text`: the first start of a database takes its time. */
export async function heard(server: Launched, text: string): Promise<void> {
  await expect
    .poll(() => server.child.exitCode !== null || `${server.stdout}${server.stderr}`.includes(text), { timeout: startPatience })
    .toBe(true);
  expect(server.stdout + server.stderr).toContain(text);
}

/** Starts the server, waits until it is ready, and stops it. */
export async function startAndStop(environment: Readonly<Record<string, string>>): Promise<void> {
  const { server } = await startProduct(environment);
  await heard(server, environment['NODE_ENV'] === 'production' ? '"listening"' : 'Ctrl-C stops');
  server.child.kill('SIGTERM');
  await server.exitCode();
}
