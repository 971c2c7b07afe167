import { describe, expect, it } from 'vitest';
import { createMetrics } from './metrics.ts';

describe('createMetrics', () => {
  it('counts, observes and reads in its own registry', async () => {
    const metrics = createMetrics({ processMetrics: false });
    const signIns = metrics.counter({ name: 'sign_ins_total', help: 'Sign-ins.', labels: ['result'] });
    signIns.add(2, { result: 'accepted' });
    signIns.add(1, { result: 'rejected' });
    metrics.histogram({ name: 'hash_seconds', help: 'Hashing.', buckets: [0.1, 1] }).observe(0.5);
    metrics.gauge({ name: 'queue_length', help: 'Waiting.', read: () => 7 });
    metrics.gauge({ name: 'sockets', help: 'Open.' }).set(3);
    const { text } = await metrics.collect();
    expect(text).toContain('sign_ins_total{result="accepted"} 2');
    expect(text).toContain('hash_seconds_bucket{le="1"} 1');
    expect(text).toContain('queue_length 7');
    expect(text).toContain('sockets 3');
    expect((await createMetrics({ processMetrics: false }).collect()).text).not.toContain('sign_ins_total');
  });

  it('refuses a name that is declared twice', () => {
    const metrics = createMetrics({ processMetrics: false });
    metrics.counter({ name: 'things_total', help: 'Things.' });
    expect(() => metrics.counter({ name: 'things_total', help: 'Others.' })).toThrow(/things_total/);
  });

  it('tells the health of the process', async () => {
    const { text } = await createMetrics().collect();
    expect(text).toContain('nodejs_eventloop_lag_seconds');
    expect(text).toContain('process_resident_memory_bytes');
  });
});
