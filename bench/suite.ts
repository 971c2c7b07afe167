import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createBench, type Effort } from './bench.ts';
import { startLoadGenerator } from './load.ts';
import { measureFootprint } from './measures/footprint.ts';
import { measureGrowth } from './measures/growth.ts';
import { measureLogin } from './measures/login.ts';
import { measureNodes } from './measures/nodes.ts';
import { measurePipeline } from './measures/pipeline.ts';
import { measureSaturation } from './measures/saturation.ts';
import { measureSessionCheck } from './measures/session-check.ts';
import { measureSessionMemory } from './measures/session-memory.ts';
import { measureSql } from './measures/sql.ts';
import { measureStatements } from './measures/statements.ts';
import { measureTokens } from './measures/tokens.ts';
import { measureViewer } from './measures/viewer.ts';
import { openPostgres } from './postgres.ts';
import { projectFolder } from './processes.ts';
import { findingsTable, type Measured, meets } from './report.ts';

/** In this order: what needs a fresh process comes first. */
const measures = {
  viewer: measureViewer,
  'session-check': measureSessionCheck,
  pipeline: measurePipeline,
  saturation: measureSaturation,
  login: measureLogin,
  tokens: measureTokens,
  statements: measureStatements,
  sql: measureSql,
  nodes: measureNodes,
  footprint: measureFootprint,
  'session-memory': measureSessionMemory,
  growth: measureGrowth,
} as const;
/** Takes minutes and much disk: only where asked for by name. */
const onlyByName: ReadonlySet<string> = new Set(['growth']);

const { values } = parseArgs({
  options: {
    only: {
      type: 'string',
      default: Object.keys(measures)
        .filter((name) => !onlyByName.has(name))
        .join(','),
    },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2.5' },
    strict: { type: 'boolean', default: false },
  },
});
const chosen = values.only.split(',').map((name) => {
  if (Object.hasOwn(measures, name)) return name as keyof typeof measures;
  throw new Error(`there is no measurement "${name}"; there are ${Object.keys(measures).join(', ')}`);
});
const effort: Effort = {
  rounds: within(values.rounds, 3, 9),
  roundMs: within(values.seconds, 1, 20) * 1_000,
  warmUpMs: 2_500,
  connections: 32,
};

const cleanUps: (() => Promise<void>)[] = [];
let cleaning: Promise<void> | undefined;
const cleanUp = (): Promise<void> => (cleaning ??= runCleanUps());
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void cleanUp().finally(() => process.exit(130)));

try {
  const measured = await measureAll();
  const findings = measured.flatMap((each) => each.findings);
  console.log(`\n${findingsTable(findings)}\n`);
  if (values.strict && findings.some((finding) => meets(finding) === false)) process.exitCode = 1;
} finally {
  await cleanUp();
}
process.exit();

async function measureAll(): Promise<Measured[]> {
  const startedAt = new Date();
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-bench-'));
  cleanUps.push(() => rm(folder, { recursive: true, force: true }));
  const postgres = await openPostgres(folder);
  cleanUps.push(() => postgres.close());
  const load = await startLoadGenerator(join(folder, 'load.log'));
  cleanUps.push(() => load.stop());
  const bench = createBench({ effort, folder, postgres, load, defer: (work) => void cleanUps.push(work) });

  const machine = `${availableParallelism()} × ${cpus()[0]?.model ?? 'processor'}, Node ${process.version}, PostgreSQL ${postgres.description}`;
  console.log(`${machine}; others' load ${loadavg()[0]?.toFixed(1)}; ${effort.rounds} rounds of ${effort.roundMs / 1000} s`);
  const measured: Measured[] = [];
  for (const name of chosen) {
    const result = await measures[name](bench);
    measured.push(result);
    console.log(`\n${name}\n${result.details.map((line) => `  ${line}`).join('\n')}`);
  }
  const seconds = Math.round((Date.now() - startedAt.getTime()) / 1000);
  const results = join(projectFolder, 'bench', 'results');
  await mkdir(results, { recursive: true });
  const file = join(results, `${startedAt.toISOString().replaceAll(':', '-')}.json`);
  await writeFile(file, `${JSON.stringify({ startedAt, seconds, machine, effort, measured }, null, 2)}\n`);
  console.log(`\n${seconds} s; written to ${file}`);
  return measured;
}

async function runCleanUps(): Promise<void> {
  for (const work of cleanUps.reverse()) await work().catch((error: unknown) => console.error('could not clean up:', error));
}

function within(text: string, least: number, most: number): number {
  const value = Number(text);
  if (!(value >= least && value <= most)) throw new Error(`${text} is not between ${least} and ${most}`);
  return value;
}
