import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bench } from '../bench.ts';
import { median, type Ratio, ratio, type Sample, type Samples } from '../interleave.ts';
import { type Program, startProgram } from '../processes.ts';
import { type Finding, type Measured, ratioFinding, samplesLines } from '../report.ts';
import type { TokenContestant, TokenJob, TokenThroughput } from '../token-verify.ts';

const algorithms = ['ES256', 'EdDSA'] as const;
const loginsInFlight = 16;

/** Access tokens, new and known: against bare `crypto.verify`, against jose, and beside sign-ins that keep the thread pool busy. */
export async function measureTokens(bench: Bench): Promise<Measured> {
  const entry = fileURLToPath(new URL('../token-verify.ts', import.meta.url));
  const outputFile = join(bench.folder, 'token-verify.log');
  const program = await startProgram({ name: 'the token verifications', entry, outputFile }, async () => true);
  bench.defer(() => program.stop());
  const findings: Finding[] = [];
  const details: string[] = [];
  const data: Record<string, unknown> = {};
  for (const algorithm of algorithms) {
    const samples = await throughput(program, bench, algorithm);
    const compare = (of: TokenContestant, to: TokenContestant): Ratio => ratio(samples, of, to);
    findings.push(
      ratioFinding(`${algorithm}, new token : bare verification`, compare('sallyport, new', 'node:crypto'), 0.9),
      ratioFinding(`  and kept : bare verification`, compare('sallyport, new and kept', 'node:crypto')),
      ratioFinding(`${algorithm}, known token : jose`, compare('sallyport, known', 'jose'), 20),
      ratioFinding(`${algorithm}, new token : jose`, compare('sallyport, new', 'jose')),
    );
    if (algorithm === 'ES256') {
      // A bare verification can be had faster than anybody writes it: with the signature in DER beforehand.
      findings.push(ratioFinding('ES256, new token : bare, DER beforehand', compare('sallyport, new', 'node:crypto, DER')));
    }
    details.push(...samplesLines(samples).map((line) => `${algorithm}, ${line}`));
    data[algorithm] = Object.fromEntries(samples);
  }
  const waits = await latencies(program, bench);
  for (const [by, p99s] of Object.entries(waits)) {
    const finding = { value: median(p99s), least: Math.min(...p99s), most: Math.max(...p99s), unit: ' ms' };
    const name = `ES256, p99 beside ${loginsInFlight} sign-ins, ${by}`;
    findings.push(by === 'sallyport' ? { ...finding, name, target: { atMost: 2 } } : { ...finding, name });
  }
  await program.stop();
  return { name: 'tokens', findings, details, data: { ...data, waits } };
}

/** The process takes the contestants in turns by itself, a millisecond each: whole rounds would be too coarse for tenths. */
async function throughput(program: Program, { effort }: Bench, algorithm: (typeof algorithms)[number]): Promise<Samples> {
  const run = (durationMs: number) =>
    program.ask<Record<string, TokenThroughput>>({ work: 'throughput', algorithm, durationMs } satisfies TokenJob);
  const samples = new Map<string, Sample[]>();
  // Of all contestants ours has the most JavaScript to be compiled, and each gets a part of the time only.
  await run(2 * effort.warmUpMs);
  for (let round = 0; round < effort.rounds; round += 1) {
    const answer = await run(effort.roundMs);
    for (const [name, { perSecond, cpuMsEach }] of Object.entries(answer))
      samples.set(name, [...(samples.get(name) ?? []), { perSecond, cpuMsPerRequest: cpuMsEach, p99Ms: 0 }]);
  }
  return samples;
}

async function latencies(program: Program, { effort }: Bench): Promise<Readonly<Record<'sallyport' | 'jose', number[]>>> {
  const waits = { sallyport: [] as number[], jose: [] as number[] };
  const run = async (by: keyof typeof waits) => {
    const job: TokenJob = { work: 'latency', by, logins: loginsInFlight, durationMs: effort.roundMs };
    const { p99Ms, hashed } = await program.ask<{ p99Ms: number; hashed: number }>(job);
    if (hashed < loginsInFlight) throw new Error('too few password hashes ran beside the tokens');
    waits[by].push(p99Ms);
  };
  for (let round = 0; round < effort.rounds; round += 1) {
    const order = ['sallyport', 'jose'] as const;
    for (const by of round % 2 === 0 ? order : order.toReversed()) await run(by);
  }
  return waits;
}
