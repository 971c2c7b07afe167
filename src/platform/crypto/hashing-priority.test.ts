import { scrypt } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { getPriority } from 'node:os';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { lowerHashingPriority } from './hashing-priority.ts';

describe.runIf(process.platform === 'linux')('the threads that hash', () => {
  it('go behind the event loop, and nothing else does', async () => {
    await promisify(scrypt)('password', 'salt', 16);
    const before = getPriority(process.pid);
    const lowered = lowerHashingPriority();
    expect(lowered).toBeGreaterThan(0);
    const priorities = readdirSync('/proc/self/task').map((id) => getPriority(Number(id)));
    expect(priorities.filter((priority) => priority > before)).toHaveLength(lowered);
    expect(getPriority(process.pid)).toBe(before);
  });
});
