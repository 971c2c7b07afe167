import { expect, it } from 'vitest';
import { memoryLog } from '#tests/support/memory-log.ts';
import { silent } from '#tests/support/silent-logger.ts';
import { recallChanges } from './recall-changes.ts';

async function recalled(store: Pick<ReturnType<typeof memoryLog>['store'], 'readAfter'>, followedFrom: bigint | undefined) {
  const told: bigint[] = [];
  const known: bigint[] = [];
  await recallChanges({
    cache: { changed: ({ position }) => told.push(position ?? -1n), knowsSince: (position) => known.push(position) },
    feed: { followedFrom: () => followedFrom },
    store,
    logger: silent,
  });
  return { told, known };
}

async function logOf(events: number) {
  const { store, add } = memoryLog();
  for (let count = 0; count < events; count += 1) add();
  await store.sequence(events);
  return store;
}

it('tells of all that happened up to where the node follows the log, and says from where on', async () => {
  expect(await recalled(await logOf(3), 3n)).toEqual({ told: [1n, 2n, 3n], known: [0n] });
  expect(await recalled(await logOf(0), 0n)).toEqual({ told: [], known: [0n] });
});

it('reads no more than the latest ten thousand', async () => {
  const { told, known } = await recalled(await logOf(12_000), 12_000n);
  expect([told.length, told[0], known]).toEqual([10_000, 2_001n, [2_000n]]);
});

it('says nothing when it could not read all of them, nor before the log is followed', async () => {
  const store = await logOf(1_500);
  const breaking: typeof store.readAfter = (position, ...rest) =>
    position > 0n ? Promise.reject(new Error('away')) : store.readAfter(position, ...rest);
  expect((await recalled({ readAfter: breaking }, 1_500n)).known).toEqual([]);
  expect((await recalled(store, 1_501n)).known).toEqual([]);
  expect((await recalled(store, undefined)).known).toEqual([]);
});
