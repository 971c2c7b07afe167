import { createRequire } from 'node:module';
import { currentCorrelationId } from '../src/platform/observability/correlation.ts';

/**
 * Loaded before each measured program (`node --import`): tells the benchmark what the process has used, and, where asked to,
 * which statements a request sent to PostgreSQL. Ends the process when the benchmark is gone.
 */

export interface Usage {
  /** Processor time of all threads, user and system, in milliseconds. */
  readonly cpuMs: number;
  readonly rssBytes: number;
}

export interface Question {
  readonly id: number;
  readonly ask: 'usage' | 'statements';
  /** Of which request: the X-Request-Id that it was sent with. */
  readonly request?: string;
}

export interface Statement {
  readonly text: string;
  /** When it was sent, in milliseconds since 1970. */
  readonly at: number;
  /** Tells the connections apart. */
  readonly connection: number;
}

const statements = new Map<string, Statement[]>();
const connections = new WeakMap<object, number>();
let connectionCount = 0;

if (process.env['BENCH_COUNT_STATEMENTS'] === '1') countStatements();

process.on('message', (question: Question | { readonly ask?: undefined }) => {
  // Work for the program itself.
  if (question.ask === undefined) return;
  process.send?.({
    id: question.id,
    answer: question.ask === 'usage' ? usage() : (statements.get(question.request ?? '') ?? []),
  });
});
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));

function usage(): Usage {
  const { user, system } = process.cpuUsage();
  return { cpuMs: (user + system) / 1000, rssBytes: process.memoryUsage.rss() };
}

/** Every statement of the driver goes through this one method, whichever ORM wrote it. */
function countStatements(): void {
  const driver = createRequire(new URL('../package.json', import.meta.url))('pg') as {
    Client: { prototype: { query(...args: unknown[]): unknown } };
  };
  const { prototype } = driver.Client;
  const { query } = prototype;
  prototype.query = function (this: object, ...args: unknown[]) {
    const request = currentCorrelationId();
    const at = performance.timeOrigin + performance.now();
    if (request !== undefined) {
      const statement = { text: textOf(args[0]), at, connection: numberOf(this) };
      statements.set(request, [...(statements.get(request) ?? []), statement]);
    }
    return Reflect.apply(query, this, args);
  };
}

function numberOf(connection: object): number {
  const known = connections.get(connection);
  if (known !== undefined) return known;
  connectionCount += 1;
  connections.set(connection, connectionCount);
  return connectionCount;
}

function textOf(statement: unknown): string {
  if (typeof statement === 'string') return statement;
  return statement !== null && typeof statement === 'object' && 'text' in statement ? String(statement.text) : 'unknown';
}
