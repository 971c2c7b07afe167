import { describe, expect, it } from 'vitest';
import { plainSignals, type SignInSignal } from './sign-in-signals.ts';

describe('the signals of a sign-in', () => {
  it.each<[boolean, number, SignInSignal[]]>([
    [false, 0, []],
    [false, 2, []],
    [true, 0, ['new_device']],
    [false, 3, ['failures_before']],
    [true, 40, ['new_device', 'failures_before']],
  ])('with a new device: %j, after %i failures: %j', (isNewDevice, failuresBefore, signals) => {
    expect(plainSignals({ isNewDevice, failuresBefore })).toEqual(signals);
  });
});
