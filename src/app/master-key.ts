import { checkMasterKey, establishMasterKey, prismaMasterKeyCheckStore } from '#capabilities/keys/index.ts';
import type { Clock } from '#kernel/clock.ts';
import type { Secret } from '#kernel/secret.ts';
import type { Config } from '#platform/config/config.ts';
import { developmentKeyFile, loadOrCreateDevelopmentKey } from '#platform/config/development-key.ts';
import { StartupError } from '#platform/config/startup-error.ts';
import type { Database } from '#platform/db/index.ts';

/** MASTER_KEY, or in development the key in DATA_DIR, made on first use. Throws StartupError. */
export function masterKeyOf(config: Config): Secret<Buffer> {
  return config.masterKey ?? loadOrCreateDevelopmentKey(config.dataDir);
}

export interface MasterKeyGuard {
  /** Asked before the migrations, so that not even they touch a database that belongs to another key. Throws StartupError. */
  check(): Promise<void>;
  /** Asked behind the migrations and before all else: binds a new database to the key. Throws StartupError. */
  establish(): Promise<void>;
}

/** Keeps a node from working on a database with another master key than the one that it was made with. */
export function guardMasterKey(
  config: Config,
  { db, masterKey, clock }: { readonly db: Pick<Database, 'prisma'>; readonly masterKey: Secret<Buffer>; readonly clock: Clock },
): MasterKeyGuard {
  const deps = { store: prismaMasterKeyCheckStore(db), masterKey, clock };
  return {
    check: async () => assertFits(await checkMasterKey(deps), config),
    establish: async () => assertFits(await establishMasterKey(deps), config),
  };
}

function assertFits(verdict: 'fits' | 'other', config: Config): void {
  if (verdict === 'fits') return;
  const source = config.masterKey ? 'MASTER_KEY' : `the key in ${developmentKeyFile(config.dataDir)}`;
  const restore = config.masterKey ? 'Set MASTER_KEY to the earlier key' : 'Restore that file';
  throw new StartupError(
    `${source} is not the master key that this database was made with.`,
    `${restore}, or use another database: without the key nobody can sign in here, and what it encrypted is lost.`,
  );
}
