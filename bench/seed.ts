import { randomUUID } from 'node:crypto';
import { drizzleDeviceStore } from '../src/capabilities/devices/index.ts';
import {
  appendEvent,
  createPersonalCipher,
  drizzleEventStore,
  drizzleSubjectKeyStore,
} from '../src/capabilities/events/index.ts';
import { parseEmail, prismaOrganisationStore, prismaUserStore, registerUser } from '../src/capabilities/identity/index.ts';
import { prismaCredentialStore } from '../src/capabilities/passwords/index.ts';
import type { Actor } from '../src/kernel/actor.ts';
import { systemClock } from '../src/kernel/clock.ts';
import { newId } from '../src/kernel/ids.ts';
import { Secret } from '../src/kernel/secret.ts';
import { loadConfig } from '../src/platform/config/load.ts';
import { createKeyedHash, createPasswordHasher } from '../src/platform/crypto/index.ts';
import { createPool, openDatabase } from '../src/platform/db/index.ts';
import { createLogger } from '../src/platform/observability/winston-logger.ts';

export interface Person {
  readonly email: string;
  /** What their app calls itself: they have signed in with it before. */
  readonly deviceId: string;
}

export const password = 'correct horse battery staple';

export interface SeedOptions {
  readonly databaseUrl: string;
  readonly masterKey: string;
  readonly count: number;
}

/**
 * Makes people as a confirmed sign-up makes them, by the product's own use case and stores, but without their mails, each
 * with a device that they have used before. All have one password and one hash: a verification costs the same.
 */
export async function seedPeople({
  databaseUrl,
  masterKey,
  count,
}: SeedOptions): Promise<{ people: Person[]; passwordHash: string }> {
  const logger = createLogger({ level: 'warn', format: 'json' });
  const config = loadConfig({});
  const pool = createPool({ url: new Secret(databaseUrl), max: 4, connectTimeoutMs: 5_000, statementTimeoutMs: 10_000 }, logger);
  const db = openDatabase(pool, { statementTimeoutMs: 10_000, logger });
  try {
    const organisation = await prismaOrganisationStore(db).findDefault();
    if (organisation === null) throw new Error('the product founded no organisation');
    const hasher = await createPasswordHasher({ library: 'auto', parameters: config.passwords, concurrency: 1, maxWaiting: 1 });
    const passwordHash = await hasher.hash(new Secret(password));
    const clock = systemClock;
    const key = new Secret(Buffer.from(masterKey, 'base64url'));
    const cipher = createPersonalCipher({ store: drizzleSubjectKeyStore(db), masterKey: key, clock });
    const register = registerUser({
      users: prismaUserStore(db),
      appendEvent: appendEvent({ store: drizzleEventStore(db), cipher, clock }),
      clock,
    });
    const credentials = prismaCredentialStore();
    const devices = drizzleDeviceStore(db);
    const deviceKey = createKeyedHash(key, 'device');
    const actor: Actor = {
      kind: 'system',
      name: 'benchmark',
      origin: { ipAddress: '', userAgent: '', correlationId: randomUUID() },
    };
    const people: Person[] = [];
    for (let index = 0; index < count; index += 1) {
      const email = parseEmail(`person-${index}@example.com`);
      if (!email.ok) throw new Error(email.problem);
      const userId = newId('usr');
      const deviceId = `benchmark-device-${index}`;
      await db.transaction(async (tx) => {
        await register(tx, actor, { userId, displayName: 'Ada Lovelace', email: email.value, organisationId: organisation.id });
        await credentials.store(tx, userId, passwordHash, clock.now());
        const at = clock.now();
        const facts = { name: null, family: 'Benchmark', place: null, firstUsedAt: at, lastUsedAt: at, trustedUntil: null };
        await devices.see(tx, { ...facts, id: newId('dev'), userId }, deviceKey(`id:${deviceId}`), at);
      });
      people.push({ email: email.value.address, deviceId });
    }
    return { people, passwordHash };
  } finally {
    await db.close();
  }
}
