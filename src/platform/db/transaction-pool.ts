import { AsyncLocalStorage } from 'node:async_hooks';
import type pg from 'pg';
import { overriding } from './overriding.ts';

interface Holder {
  client: pg.PoolClient | undefined;
}

/**
 * Lends Prisma the product's pool and remembers which connection a Prisma transaction took, so that Drizzle can work on
 * that very connection. The memory is per transaction and never leaves this folder: callers get an explicit `Tx`.
 */
export class TransactionPool {
  readonly #pool: pg.Pool;
  readonly #holders = new AsyncLocalStorage<Holder>();

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  /** The pool as Prisma's adapter sees it: the same object, but the first `connect()` inside `remember` is noted. */
  asPool(): pg.Pool {
    return overriding(this.#pool, { connect: () => this.#connect() });
  }

  /** Runs `work`; the function it gets returns the connection that was taken, and throws when none was. */
  remember<T>(work: (client: () => pg.PoolClient) => Promise<T>): Promise<T> {
    const holder: Holder = { client: undefined };
    return this.#holders.run(holder, () =>
      work(() => {
        if (!holder.client) throw new Error('the transaction took no connection from the pool');
        return holder.client;
      }),
    );
  }

  async #connect(): Promise<pg.PoolClient> {
    const client = await this.#pool.connect();
    const holder = this.#holders.getStore();
    if (holder && !holder.client) holder.client = client;
    return client;
  }
}
