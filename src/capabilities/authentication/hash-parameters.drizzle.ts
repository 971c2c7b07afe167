import { sql } from 'drizzle-orm';
import type { ParameterShare } from '#platform/crypto/index.ts';
import type { Database } from '#platform/db/index.ts';

const sampled = 20_000;

/**
 * How the password hashes in a column are made, from a sample of some 20,000 rows: the table is not read through. Where
 * PostgreSQL has not counted the rows yet, all are taken.
 */
export async function sampleHashParameters(db: Database, table: string, column: string): Promise<ParameterShare[]> {
  const { rows } = await db.drizzle.execute<{ parameters: string; count: number }>(
    sql`select split_part(${sql.identifier(column)}, '$', 4) as parameters, count(*)::int as count
      from ${sql.identifier(table)} tablesample system (
        least(100, 100.0 * ${sampled}::int / greatest(1, (select reltuples from pg_class where oid = ${table}::regclass))))
      group by 1`,
  );
  return rows;
}
