import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bench } from '../bench.ts';
import { endProcess, freePort, startProgram } from '../processes.ts';
import type { Finding, Measured } from '../report.ts';
import type { SessionMemory, SessionMemoryJob } from '../session-memory.ts';

const sessions = 50_000;

/** What a session takes in the memory of a node, and its copy in Redis: of 50,000 with addresses and browsers as they come. */
export async function measureSessionMemory(bench: Bench): Promise<Measured> {
  const redisUrl = await startRedis(bench);
  const usual = await measure(bench, 2_000, redisUrl);
  const varied = await measure(bench, sessions, redisUrl);
  const findings: Finding[] = [
    { name: 'one session in memory', value: usual.heapBytes, unit: ' B', target: { atMost: 500 } },
    ...(usual.redisBytes === null
      ? []
      : [{ name: 'one session in Redis', value: usual.redisBytes, unit: ' B', target: { atMost: 1_000 } }]),
  ];
  const inRedis = (bytes: number | null) => (bytes === null ? 'no redis-server here' : `${bytes.toFixed(0)} B in Redis`);
  return {
    name: 'session-memory',
    findings,
    details: [
      `2,000 different browsers: ${usual.heapBytes.toFixed(0)} B in memory, ${inRedis(usual.redisBytes)}`,
      `each its own browser: ${varied.heapBytes.toFixed(0)} B in memory, ${inRedis(varied.redisBytes)}`,
    ],
    data: { usual, varied },
  };
}

/** In a process of its own each time. */
async function measure(bench: Bench, userAgents: number, redisUrl: string | undefined): Promise<SessionMemory> {
  const program = await startProgram(
    {
      name: 'the sessions in memory',
      entry: fileURLToPath(new URL('../session-memory.ts', import.meta.url)),
      flags: ['--expose-gc'],
      outputFile: join(bench.folder, 'session-memory.log'),
    },
    async () => true,
  );
  try {
    return await program.ask<SessionMemory>({ sessions, userAgents, redisUrl } satisfies SessionMemoryJob);
  } finally {
    await program.stop();
  }
}

/** A Redis that stores nothing on disk; undefined where this machine has none. */
async function startRedis(bench: Bench): Promise<string | undefined> {
  const port = await freePort();
  const folder = join(bench.folder, 'redis');
  await mkdir(folder);
  const server = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder], {
    stdio: 'ignore',
  });
  const started = await new Promise<boolean>((resolve) => {
    server.once('spawn', () => resolve(true));
    server.once('error', () => resolve(false));
  });
  if (!started) return undefined;
  bench.defer(() => endProcess(server));
  return `redis://127.0.0.1:${port}`;
}
