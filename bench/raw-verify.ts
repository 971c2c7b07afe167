import { availableParallelism } from 'node:os';
import { verify } from '@node-rs/argon2';

/** The control of the sign-in ratio: nothing but verifications, one at a time for each processor. */

export interface RawVerifyJob {
  readonly hash: string;
  readonly password: string;
  readonly durationMs: number;
}

process.on('message', async ({ id, ...job }: RawVerifyJob & { readonly id: number; readonly ask?: string }) => {
  // The probe answers these.
  if (job.ask !== undefined) return;
  const until = performance.now() + job.durationMs;
  const counts = await Promise.all(Array.from({ length: availableParallelism() }, () => verifyUntil(until, job)));
  const total = counts.reduce((sum, { all }) => sum + all, 0);
  const inTime = counts.reduce((sum, count) => sum + count.inTime, 0);
  process.send?.({ id, answer: { total, perSecond: inTime / (job.durationMs / 1000) } });
});

async function verifyUntil(until: number, { hash, password }: RawVerifyJob): Promise<{ all: number; inTime: number }> {
  let all = 0;
  let inTime = 0;
  while (performance.now() < until) {
    if (!(await verify(hash, password))) throw new Error('the control was given a wrong password');
    all += 1;
    if (performance.now() <= until) inTime += 1;
  }
  return { all, inTime };
}
