import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** What the set-up of a run hands to every test file. */
export interface TestServer {
  /** Superuser connection to the database `postgres`. */
  readonly adminUrl: string;
  /** A database with all migrations applied, of which each test copies its own. */
  readonly template: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    testServer: TestServer;
  }
}

const prefix = 'sallyport_test_';

/** A name that tells when it was made, so that a later run can see what a crashed one left. */
export function uniqueDatabaseName(kind: 'template' | 'copy', now: Date): string {
  return `${prefix}${kind}_${Math.floor(now.getTime() / 1000)}_${randomBytes(6).toString('hex')}`;
}

/** When the database `name` was made; null when it is not one of ours. */
export function madeAt(name: string): Date | null {
  const seconds = new RegExp(`^${prefix}(?:template|copy)_(\\d+)_[0-9a-f]{12}$`).exec(name)?.[1];
  return seconds === undefined ? null : new Date(Number(seconds) * 1000);
}

export function urlOfDatabase(adminUrl: string, database: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  return url.href;
}

/** One connection to the server for the length of `work`. */
export async function asAdmin<T>(adminUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: adminUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export async function dropDatabase(client: pg.Client, name: string): Promise<void> {
  await client.query(`drop database if exists ${client.escapeIdentifier(name)} with (force)`);
}
