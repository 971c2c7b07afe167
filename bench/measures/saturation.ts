import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { Bench } from '../bench.ts';
import { median } from '../interleave.ts';
import type { LoadResult } from '../load.ts';
import type { Program } from '../processes.ts';
import { loginConnections, signInByCookie, viewerConnections } from '../product.ts';
import type { Measured } from '../report.ts';

const viewers = 4;
/** Each viewer asks this often: 200 requests a second together. */
const everyMs = 20;
const settleMs = 2_000;
const sampleEveryMs = 100;
const mib = 1024 * 1024;

interface Round {
  readonly alone: LoadResult;
  readonly crowded: LoadResult;
  readonly loginsPerSecond: number;
  readonly rss: { readonly before: number; readonly during: number; readonly after: number };
}

/** What everybody else feels, and what memory is taken, while sign-ins use all the processors there are. */
export async function measureSaturation(bench: Bench): Promise<Measured> {
  const { effort, load } = bench;
  const product = await bench.product();
  const cookies = await signInByCookie(product, viewers);
  const target = { origin: product.origin, method: 'POST', path: '/graphql' } as const;
  const viewing = { ...target, connections: viewerConnections(cookies), expect: '"email":"person-', everyMs };
  const signingIn = {
    ...target,
    connections: loginConnections(product, effort.connections, 'COOKIE'),
    expect: '"LoginSuccess"',
  };
  await load.run({ ...viewing, durationMs: effort.warmUpMs });
  await load.run({ ...signingIn, durationMs: effort.warmUpMs });

  const rounds: Round[] = [];
  for (let round = 0; round < effort.rounds; round += 1) {
    await pause(settleMs);
    // What the viewers alone make it take, garbage included, is not the sign-ins' doing.
    const aloneMemory = watchMemory(product.program);
    const alone = await load.run({ ...viewing, durationMs: effort.roundMs });
    const before = await aloneMemory.stop();
    const peak = watchMemory(product.program);
    // Viewing begins later and ends earlier than signing in: all that it measures is under saturation.
    const logins = load.run({ ...signingIn, durationMs: effort.roundMs + 1_000 });
    await pause(500);
    const crowded = await load.run({ ...viewing, durationMs: effort.roundMs });
    const { perSecond } = await logins;
    const during = await peak.stop();
    await pause(settleMs);
    const after = (await product.program.usage()).rssBytes;
    rounds.push({ alone, crowded, loginsPerSecond: perSecond, rss: { before, during, after } });
  }
  const of = (read: (round: Round) => number) => {
    const values = rounds.map(read);
    return { value: median(values), least: Math.min(...values), most: Math.max(...values) };
  };
  const allowedMib = availableParallelism() * 20;
  return {
    name: 'saturation',
    findings: [
      { name: 'p99 of viewer while logins saturate', ...of(({ crowded }) => crowded.p99Ms), unit: ' ms', target: { atMost: 50 } },
      {
        name: 'memory that logins take at their peak',
        ...of(({ rss }) => (rss.during - rss.before) / mib),
        unit: ' MiB',
        target: { atMost: allowedMib },
      },
    ],
    details: rounds.map(
      ({ alone, crowded, loginsPerSecond, rss }) =>
        `viewer p50 ${crowded.p50Ms.toFixed(1)}, p99 ${crowded.p99Ms.toFixed(1)}, longest ${crowded.maxMs.toFixed(1)} ms beside ` +
        `${loginsPerSecond.toFixed(0)} logins/s (alone: p99 ${alone.p99Ms.toFixed(1)} ms); ` +
        `RSS before ${inMib(rss.before)}, peak ${inMib(rss.during)}, after ${inMib(rss.after)} MiB`,
    ),
    data: rounds,
  };
}

const inMib = (bytes: number): string => (bytes / mib).toFixed(0);

function watchMemory(program: Program): { stop(): Promise<number> } {
  let watching = true;
  const peak = (async () => {
    let most = 0;
    while (watching) {
      most = Math.max(most, (await program.usage()).rssBytes);
      await pause(sampleEveryMs);
    }
    return most;
  })();
  return {
    stop: () => {
      watching = false;
      return peak;
    },
  };
}
