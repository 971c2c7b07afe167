import { describe, expect, it } from 'vitest';
import { addSeconds } from '#kernel/clock.ts';
import { activeKey, dueKey, type RotationPolicy } from './signing-key.ts';

const policy: RotationPolicy = { algorithm: 'ES256', lifetimeSeconds: 1_000, overlapSeconds: 100, tokenLifetimeSeconds: 300 };
const start = new Date('2026-01-01T00:00:00Z');
const at = (seconds: number) => addSeconds(start, seconds);

function rotateUntil(seconds: number, step = 10) {
  const keys: ({ algorithm: string; name: number } & NonNullable<ReturnType<typeof dueKey>>)[] = [];
  for (let now = 0; now <= seconds; now += step) {
    const due = dueKey(keys, at(now), policy);
    if (due) keys.push({ ...due, algorithm: 'ES256', name: keys.length });
  }
  return keys;
}

describe('the rotation of signing keys', () => {
  it('makes the first key active at once', () => {
    expect(dueKey([], start, policy)).toMatchObject({ activatesAt: start, retiresAt: at(1_000) });
  });

  it('always has exactly one key that signs, over many rotations', () => {
    const keys = rotateUntil(10_000);
    expect(keys.length).toBeGreaterThan(9);
    for (let now = 0; now <= 10_000; now += 7)
      expect(keys.filter((key) => key.activatesAt <= at(now) && at(now) < key.retiresAt)).toHaveLength(1);
  });

  it('publishes a successor for the whole overlap before it signs', () => {
    const [, second] = rotateUntil(2_000);
    expect(second?.createdAt).toEqual(at(900));
    expect(second?.activatesAt).toEqual(at(1_000));
  });

  it('keeps a retired key published until all that it signed has expired', () => {
    const [first] = rotateUntil(10);
    expect(first && first.expiresAt >= addSeconds(first.retiresAt, policy.tokenLifetimeSeconds)).toBe(true);
  });

  it('brings in a key of another algorithm with the same overlap, while the old one goes on signing', () => {
    const keys = rotateUntil(10);
    const due = dueKey(keys, at(20), { ...policy, algorithm: 'EdDSA' });
    expect(due?.activatesAt).toEqual(at(120));
    expect(activeKey(keys, at(119))).toBe(keys[0]);
  });

  it('makes a key that signs at once when all have lapsed, so that a long standstill locks nobody out', () => {
    const keys = rotateUntil(10);
    expect(dueKey(keys, at(50_000), policy)?.activatesAt).toEqual(at(50_000));
  });
});
