import type { LoadGenerator, LoadJob } from './load.ts';
import type { Program } from './processes.ts';

/** One run of one contestant. */
export interface Sample {
  readonly perSecond: number;
  /** Processor time of the contestant's process for each request, in milliseconds. The database's is not in it. */
  readonly cpuMsPerRequest: number;
  readonly p99Ms: number;
}

export interface Contestant {
  readonly name: string;
  run(durationMs: number): Promise<Sample>;
}

export interface Rounds {
  readonly warmUpMs: number;
  readonly rounds: number;
  readonly roundMs: number;
}

export type Samples = ReadonlyMap<string, readonly Sample[]>;

/** Runs the contestants in turns, every other round backwards, so that a machine that slows down slows all of them. */
export async function interleave(contestants: readonly Contestant[], { warmUpMs, rounds, roundMs }: Rounds): Promise<Samples> {
  for (const { run } of contestants) await run(warmUpMs);
  const samples = new Map<string, Sample[]>(contestants.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? contestants : [...contestants].reverse();
    for (const { name, run } of order) samples.get(name)?.push(await run(roundMs));
  }
  return samples;
}

/** A contestant that is a server: its work is what the load generator gets answered. */
export function serverContestant(
  name: string,
  program: Program,
  load: LoadGenerator,
  job: Omit<LoadJob, 'durationMs'>,
): Contestant {
  return {
    name,
    run: async (durationMs) => {
      const before = await program.usage();
      const { perSecond, total, p99Ms } = await load.run({ ...job, durationMs });
      const after = await program.usage();
      return { perSecond, p99Ms, cpuMsPerRequest: (after.cpuMs - before.cpuMs) / total };
    },
  };
}

/** A contestant that works by itself when it is asked to, and tells how much it did within the time. */
export function askedContestant(name: string, program: Program, job: (durationMs: number) => object): Contestant {
  return {
    name,
    run: async (durationMs) => {
      const before = await program.usage();
      const { perSecond, total } = await program.ask<{ readonly perSecond: number; readonly total: number }>(job(durationMs));
      const after = await program.usage();
      return { perSecond, p99Ms: 0, cpuMsPerRequest: (after.cpuMs - before.cpuMs) / total };
    },
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? upper) + upper) / 2 : upper;
}

export interface Ratio {
  readonly value: number;
  readonly least: number;
  readonly most: number;
}

/** What `of` does for each one of `to`, round by round, in requests per second: the median, and how far the rounds lie apart. */
export function ratio(samples: Samples, of: string, to: string): Ratio {
  return spread(samples, of, to, (one, other) => one.perSecond / other.perSecond);
}

/** How many requests `of` serves with the processor time that `to` needs for one. Other load on the machine disturbs it less. */
export function processorRatio(samples: Samples, of: string, to: string): Ratio {
  return spread(samples, of, to, (one, other) => other.cpuMsPerRequest / one.cpuMsPerRequest);
}

function spread(samples: Samples, of: string, to: string, compare: (one: Sample, other: Sample) => number): Ratio {
  const others = samples.get(to) ?? [];
  const each = (samples.get(of) ?? []).flatMap((one, round) => {
    const other = others[round];
    return other === undefined ? [] : [compare(one, other)];
  });
  return { value: median(each), least: Math.min(...each), most: Math.max(...each) };
}
