import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { batchLines } from './line-batch.ts';

function setUp() {
  const output = new PassThrough();
  const writes: string[] = [];
  output.on('data', (chunk: Buffer) => writes.push(chunk.toString()));
  return { batch: batchLines(output), writes };
}

describe('batchLines', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  it('hands several lines on in one write, in their order', () => {
    const { batch, writes } = setUp();
    for (const line of ['a\n', 'b\n', 'c\n']) batch.write(line);
    expect(writes).toEqual([]);
    vi.advanceTimersByTime(20);
    expect(writes).toEqual(['a\nb\nc\n']);
  });

  it('does not let much wait', () => {
    const { batch, writes } = setUp();
    batch.write(`${'x'.repeat(70_000)}\n`);
    expect(writes.join('')).toHaveLength(70_001);
  });

  it('hands on at once when told to, and then nothing twice', () => {
    const { batch, writes } = setUp();
    batch.write('last words\n');
    batch.flush();
    vi.advanceTimersByTime(100);
    expect(writes).toEqual(['last words\n']);
  });
});
