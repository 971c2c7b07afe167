import { startRedis, type TestRedis } from './redis-server.ts';
import { until } from './until.ts';

export interface TestSentinel {
  readonly primary: TestRedis;
  readonly replica: TestRedis;
  /** For REDIS_URL. */
  readonly url: string;
  stop(): Promise<void>;
}

/** A primary, its replica, and one Sentinel that watches over them; null where this machine has no redis-server. */
export async function startRedisSentinel(): Promise<TestSentinel | null> {
  const primary = await startRedis();
  if (!primary) return null;
  const replica = await startRedis(['--replicaof', '127.0.0.1', String(primary.port), '--repl-diskless-sync-delay', '0']);
  const sentinel = await startRedis([], { sentinel: true });
  if (!replica || !sentinel) throw new Error('redis-server is here, then it is not');
  await until('the replica follows', async () => /master_link_status:up/.test(String(await replica.call('info', 'replication'))));
  await sentinel.call('sentinel', 'monitor', 'mymaster', '127.0.0.1', String(primary.port), '1');
  await sentinel.call('sentinel', 'set', 'mymaster', 'down-after-milliseconds', '500');
  // On a busy machine it takes the replica for down as well and gives up, and would try again after six minutes; and it would
  // distrust its clock for thirty seconds, after which the replica counts as too far behind. Redis before 7 can't be told.
  await sentinel.call('sentinel', 'set', 'mymaster', 'failover-timeout', '4000');
  await sentinel.call('sentinel', 'debug', 'tilt-trigger', '60000').catch(() => undefined);
  await until('Sentinel knows the replica', async () => String(await sentinel.call('sentinel', 'replicas', 'mymaster')) !== '');
  return {
    primary,
    replica,
    url: `redis+sentinel://127.0.0.1:${sentinel.port}?name=mymaster`,
    stop: async () => void (await Promise.all([sentinel, replica, primary].map((server) => server.stop()))),
  };
}
