import type { HotTx, UnitOfWork } from '#platform/db/index.ts';
import type { AppendEvent } from './use-cases/append-event.ts';

export interface WakingUnitOfWork {
  readonly unitOfWork: UnitOfWork;
  readonly appendEvent: AppendEvent;
}

/**
 * Couples appending and waking: when a transaction in which an event was appended has committed, `wake` is called. So no
 * use case has to think of it, and nothing inside the transaction takes PostgreSQL's global notification lock.
 */
export function wakingUnitOfWork(inner: UnitOfWork, append: AppendEvent, wake: () => void): WakingUnitOfWork {
  const appended = new WeakSet<HotTx>();

  function watched<T extends HotTx, R>(
    run: (work: (tx: T) => Promise<R>) => Promise<R>,
    work: (tx: T) => Promise<R>,
  ): Promise<R> {
    let used: HotTx | undefined;
    return run((tx) => {
      used = tx;
      return work(tx);
    }).finally(() => {
      if (used && appended.has(used)) wake();
    });
  }

  return {
    unitOfWork: {
      transaction: (work) => watched((run) => inner.transaction(run), work),
      hotTransaction: (work, options) => watched((run) => inner.hotTransaction(run, options), work),
    },
    appendEvent: async (tx, input) => {
      appended.add(tx);
      await append(tx, input);
    },
  };
}
