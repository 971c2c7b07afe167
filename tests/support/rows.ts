import pg from 'pg';
import type { TestApp } from './make-test-app.ts';

type Row = Record<string, unknown>;

/** A look at the database from outside the product, on one connection of its own. */
export interface Rows {
  query<R extends Row = Row>(text: string, values?: readonly unknown[]): Promise<R[]>;
  /** How many rows each table has, by its name. */
  counts(): Promise<Record<string, number>>;
  /** Every value of every row of a table as one text, bytes as Latin-1: to look for what must not stand there. */
  textOf(table: string): Promise<string>;
  close(): Promise<void>;
}

export async function openRows(app: Pick<TestApp, 'databaseUrl'>): Promise<Rows> {
  const client = new pg.Client({ connectionString: app.databaseUrl });
  // The database is dropped below the connection at a test's end.
  client.on('error', () => undefined);
  await client.connect();
  const query = async <R extends Row>(text: string, values: readonly unknown[] = []): Promise<R[]> =>
    (await client.query<R>(text, [...values])).rows;

  return {
    query,
    counts: async () => {
      const tables = await query<{ name: string }>(
        `select quote_ident(table_schema) || '.' || quote_ident(table_name) as name from information_schema.tables
         where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema') order by 1`,
      );
      const union = tables.map(({ name }) => `select '${name}' as name, count(*)::int as count from ${name}`).join(' union all ');
      const rows = await query<{ name: string; count: number }>(union);
      return Object.fromEntries(rows.map(({ name, count }) => [name, count]));
    },
    textOf: async (table) => {
      const rows = await query(`select * from ${pg.escapeIdentifier(table)}`);
      return rows.flatMap((row) => Object.values(row).map(asText)).join('\n');
    },
    close: () => client.end(),
  };
}

function asText(value: unknown): string {
  if (Buffer.isBuffer(value)) return value.toString('latin1');
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
