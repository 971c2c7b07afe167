import { describe, expect, it } from 'vitest';
import { steadyClock } from './clock.ts';

function movable() {
  let nowMs = Date.UTC(2026, 0, 1);
  return {
    now: () => new Date(nowMs),
    move: (ms: number) => {
      nowMs += ms;
    },
  };
}

describe('steadyClock', () => {
  it('goes forward with its source, and stands still while that is behind', () => {
    const source = movable();
    const clock = steadyClock(source);
    source.move(1_000);
    const latest = clock.now();
    expect(latest).toEqual(source.now());
    source.move(-600_000);
    expect(clock.now()).toEqual(latest);
    expect(clock.behindMs()).toBe(600_000);
    source.move(599_000);
    expect(clock.now()).toEqual(latest);
    source.move(2_000);
    expect(clock.now()).toEqual(source.now());
    expect(clock.behindMs()).toBe(0);
  });

  it('can not be moved through the time it told', () => {
    const clock = steadyClock(movable());
    const before = clock.now();
    before.setFullYear(1999);
    expect(clock.now().getFullYear()).toBe(2026);
  });
});
