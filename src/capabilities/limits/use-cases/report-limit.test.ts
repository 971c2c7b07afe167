import { describe, expect, it } from 'vitest';
import type { Actor } from '#kernel/actor.ts';
import type { Logger } from '#platform/observability/logger.ts';
import { memoryHeldLimits } from '../held-limits.memory.ts';
import { type ReportLimitDeps, reportLimit } from './report-limit.ts';

const actor: Actor = { kind: 'anonymous', origin: { ipAddress: '192.0.2.1', userAgent: '', correlationId: 'test' } };
const reached = { policy: 'login', dimension: 'address', subject: 'hash', windowSeconds: 60 } as const;

function setUp(overrides: Partial<ReportLimitDeps> = {}) {
  let nowMs = 1_800_000_000_000;
  const clock = { now: () => new Date(nowMs) };
  const counts = { refused: 0, held: 0, events: 0, warnings: 0 };
  const memory = memoryHeldLimits(clock);
  const logger: Logger = {
    debug() {},
    info() {},
    warn: () => {
      counts.warnings += 1;
    },
    error() {},
    child: () => logger,
  };
  const report = reportLimit({
    held: {
      hold: (limit) => {
        counts.held += 1;
        return memory.hold(limit);
      },
      list: (most) => memory.list(most),
    },
    listener: () => {
      counts.refused += 1;
    },
    unitOfWork: { transaction: (work) => work({} as never), hotTransaction: (work) => work({} as never) },
    appendEvent: async () => {
      counts.events += 1;
    },
    clock,
    logger,
    ...overrides,
  });
  return {
    report,
    counts,
    advance: (seconds: number) => {
      nowMs += seconds * 1000;
    },
  };
}

describe('reportLimit', () => {
  it('counts every refusal of a flood, and reports it once', async () => {
    const { report, counts } = setUp();
    for (let refusal = 0; refusal < 1_000; refusal += 1) await report(actor, reached);
    expect(counts).toEqual({ refused: 1_000, held: 1, events: 1, warnings: 0 });
  });

  it('tells of a siege once, however long it lasts, and of the next one again', async () => {
    const { report, counts, advance } = setUp();
    for (let round = 0; round < 20; round += 1) {
      await report(actor, reached);
      advance(50);
    }
    expect(counts.events).toBe(1);
    advance(60);
    await report(actor, reached);
    expect(counts.events).toBe(2);
  });

  it('never fails: a refusal stands also when the database is away', async () => {
    const away = async () => Promise.reject(new Error('away'));
    const { report, counts } = setUp({ unitOfWork: { transaction: away, hotTransaction: away } });
    await expect(report(actor, reached)).resolves.toBeUndefined();
    expect(counts).toMatchObject({ refused: 1, warnings: 1 });
  });
});
