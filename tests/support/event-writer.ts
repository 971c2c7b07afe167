import {
  appendEvent,
  createPersonalCipher,
  describeEvent,
  drizzleEventStore,
  drizzleSubjectKeyStore,
} from '#capabilities/events/index.ts';
import type { Actor } from '#kernel/actor.ts';
import type { OrganisationId } from '#kernel/ids.ts';
import { Secret } from '#kernel/secret.ts';
import { createPool, type HotTx, openDatabase } from '#platform/db/index.ts';
import type { TestApp } from './make-test-app.ts';
import { silent } from './silent-logger.ts';

const happened = describeEvent({ type: 'test.happened', severity: 'info', description: 'Appended by a test.' });
const changed = describeEvent({ type: 'organisation.changed_by_test', severity: 'info', description: 'Appended by a test.' });
const actor: Actor = {
  kind: 'anonymous',
  origin: { ipAddress: '192.0.2.1', userAgent: 'event-writer', correlationId: 'event-writer' },
};

/** Appends events as the product does, in transactions that the test opens and ends when it likes. */
export interface EventWriter {
  transaction<T>(work: (tx: HotTx) => Promise<T>): Promise<T>;
  append(tx: HotTx, subjectId: string, name: string): Promise<void>;
  /** An event that says that something about the organisation is other than it was. */
  appendChangeOf(tx: HotTx, organisationId: OrganisationId): Promise<void>;
  close(): Promise<void>;
}

export function openEventWriter(app: TestApp, connections = 20): EventWriter {
  const url = new Secret(app.databaseUrl);
  const pool = createPool({ url, max: connections, connectTimeoutMs: 20_000, statementTimeoutMs: 20_000 }, silent);
  const db = openDatabase(pool, { statementTimeoutMs: 20_000, logger: silent });
  const masterKey = new Secret(Buffer.from(app.masterKey, 'base64url'));
  const cipher = createPersonalCipher({ store: drizzleSubjectKeyStore(db), masterKey, clock: app.clock });
  const append = appendEvent({ store: drizzleEventStore(db), cipher, clock: app.clock });
  return {
    transaction: (work) => db.hotTransaction(work),
    append: (tx, subjectId, name) => append(tx, { event: happened, actor, subjectId, data: { name } }),
    appendChangeOf: (tx, organisationId) => append(tx, { event: changed, actor, organisationId }),
    close: () => db.close(),
  };
}

/** A gate that transactions wait at until the test opens it. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}
