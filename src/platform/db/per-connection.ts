import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import type pg from 'pg';

export type DrizzleDatabase = NodePgDatabase;

const faces = new WeakMap<pg.PoolClient, DrizzleDatabase>();

/** Drizzle's face of a connection, the same one each time: what is prepared on it then stays prepared. */
export function drizzleOn(client: pg.PoolClient): DrizzleDatabase {
  const known = faces.get(client);
  if (known) return known;
  const made = drizzle(client);
  faces.set(client, made);
  return made;
}

/**
 * Makes a statement once for each connection it is used on. To build the SQL of a statement costs Drizzle about as much as
 * PostgreSQL takes to run it, and one that is `.prepare`d PostgreSQL need not parse and plan again either.
 */
export function perConnection<Statement>(build: (on: DrizzleDatabase) => Statement): (on: DrizzleDatabase) => Statement {
  const made = new WeakMap<DrizzleDatabase, Statement>();
  return (on) => {
    const known = made.get(on);
    if (known) return known;
    const statement = build(on);
    made.set(on, statement);
    return statement;
  };
}
