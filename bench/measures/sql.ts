import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bench } from '../bench.ts';
import { askedContestant, interleave, processorRatio, ratio } from '../interleave.ts';
import { startProgram } from '../processes.ts';
import { signInByCookie } from '../product.ts';
import { type Measured, ratioFinding, samplesLines } from '../report.ts';
import type { SqlJob } from '../sql-checks.ts';

/** The hottest statement, prepared: by Drizzle, with the domain's objects made of its row, and by the bare driver. */
export async function measureSql(bench: Bench): Promise<Measured> {
  const product = await bench.product();
  await signInByCookie(product, bench.effort.connections);
  const program = await startProgram(
    {
      name: 'the statements',
      entry: fileURLToPath(new URL('../sql-checks.ts', import.meta.url)),
      env: { DATABASE_URL: product.deployment.databaseUrl },
      outputFile: join(bench.folder, 'sql-checks.log'),
    },
    async () => true,
  );
  bench.defer(() => program.stop());
  const contestant = (name: string, by: SqlJob['by']) =>
    askedContestant(name, program, (durationMs) => ({ by, durationMs }) satisfies SqlJob);
  const samples = await interleave([contestant('Drizzle', 'drizzle'), contestant('pg', 'driver')], bench.effort);
  await program.stop();
  return {
    name: 'sql',
    findings: [
      ratioFinding('session check, prepared: Drizzle : pg', ratio(samples, 'Drizzle', 'pg'), 0.9),
      ratioFinding('  by processor time of the process', processorRatio(samples, 'Drizzle', 'pg')),
    ],
    details: samplesLines(samples),
    data: Object.fromEntries(samples),
  };
}
