import type { HotTx, UnitOfWork } from '#platform/db/index.ts';
import type { AppendEvent, NewEvent } from './use-cases/append-event.ts';

export interface WakingUnitOfWork {
  readonly unitOfWork: UnitOfWork;
  readonly appendEvent: AppendEvent;
}

/** What becomes known of events when the transaction that appended them has committed. */
export interface Committed {
  /** Each event, before the caller of the transaction goes on. */
  readonly tell: (event: NewEvent) => void;
  /** That there are some, for whoever reads the log. Also called when nobody knows whether they were committed. */
  readonly wake: () => void;
}

/**
 * Couples appending and waking: when a transaction in which an event was appended has committed, that is told. So no use
 * case has to think of it, and nothing inside the transaction takes PostgreSQL's global notification lock.
 */
export function wakingUnitOfWork(inner: UnitOfWork, append: AppendEvent, { tell, wake }: Committed): WakingUnitOfWork {
  const appended = new WeakMap<HotTx, NewEvent[]>();

  function watched<T extends HotTx, R>(
    run: (work: (tx: T) => Promise<R>) => Promise<R>,
    work: (tx: T) => Promise<R>,
  ): Promise<R> {
    let used: HotTx | undefined;
    const events = (): readonly NewEvent[] => (used && appended.get(used)) ?? [];
    return run((tx) => {
      used = tx;
      return work(tx);
    })
      .then((result) => {
        for (const event of events()) tell(event);
        return result;
      })
      .finally(() => {
        if (events().length > 0) wake();
      });
  }

  return {
    unitOfWork: {
      transaction: (work) => watched((run) => inner.transaction(run), work),
      hotTransaction: (work) => watched((run) => inner.hotTransaction(run), work),
    },
    appendEvent: async (tx, input) => {
      const events = appended.get(tx);
      if (events) events.push(input);
      else appended.set(tx, [input]);
      await append(tx, input);
    },
  };
}
