import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { inject } from 'vitest';
import { asAdmin, dropDatabase, uniqueDatabaseName, urlOfDatabase } from './test-server.ts';

export interface TestDatabase {
  readonly url: string;
  /** Ends whatever still uses it and removes it. */
  drop(): Promise<void>;
}

const attempts = 50;
const pauseMs = 100;
/** PostgreSQL's object_in_use: somebody, such as autovacuum, is in the template just now. */
const inUse = '55006';

/**
 * A database of the caller's own, in milliseconds: a copy of the migrated template, or, with `migrated: false`, an empty one
 * for tests of the migrations themselves.
 */
export async function createTestDatabase(options: { readonly migrated?: boolean } = {}): Promise<TestDatabase> {
  const server = inject('testServer');
  const template = options.migrated === false ? 'template0' : server.template;
  const name = uniqueDatabaseName('copy', new Date());
  await asAdmin(server.adminUrl, (client) => copyTemplate(client, name, template));
  return {
    url: urlOfDatabase(server.adminUrl, name),
    drop: () => asAdmin(server.adminUrl, (client) => dropDatabase(client, name)),
  };
}

async function copyTemplate(client: pg.Client, name: string, template: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.query(`create database ${client.escapeIdentifier(name)} template ${client.escapeIdentifier(template)}`);
      return;
    } catch (error) {
      if (!(error instanceof pg.DatabaseError) || error.code !== inUse || attempt === attempts) throw error;
      await pause(pauseMs);
    }
  }
}
