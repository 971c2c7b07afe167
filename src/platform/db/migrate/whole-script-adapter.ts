import { PrismaPg } from '@prisma/adapter-pg';
import type { SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import type pg from 'pg';

/**
 * Prisma's adapter, but a script goes to PostgreSQL as one message. The adapter's own way is to cut it at every semicolon,
 * even within a function's body, and to send the pieces one by one on any connection of the pool, so that a migration that
 * fails would leave its first half. As one message it is one transaction (unless it begins or commits one itself).
 */
export function wholeScriptAdapter(pool: pg.Pool): SqlMigrationAwareDriverAdapterFactory {
  const factory = new PrismaPg(pool);
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    connectToShadowDb: () => factory.connectToShadowDb(),
    connect: async () => {
      const adapter = await factory.connect();
      // Without arguments this is PostgreSQL's simple query protocol, which takes several statements; errors are translated.
      adapter.executeScript = async (script) => {
        await adapter.executeRaw({ sql: script, args: [], argTypes: [] });
      };
      return adapter;
    },
  };
}
