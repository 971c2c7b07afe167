import { describe, expect, it } from 'vitest';
import { deviceName, isClientDeviceId, isTrustedDevice, parseDeviceName } from './device.ts';

const now = new Date('2026-01-31T12:00:00.000Z');
const at = (ms: number) => new Date(now.getTime() + ms);

describe('a device', () => {
  it('is trusted until the moment, and not without one', () => {
    expect(isTrustedDevice({ trustedUntil: at(1) }, now)).toBe(true);
    expect(isTrustedDevice({ trustedUntil: at(0) }, now)).toBe(false);
    expect(isTrustedDevice({ trustedUntil: null }, now)).toBe(false);
  });

  it('is called by its name, else by its family', () => {
    expect(deviceName({ name: 'Kitchen tablet', family: 'Chrome on Android' })).toBe('Kitchen tablet');
    expect(deviceName({ name: null, family: 'Chrome on Android' })).toBe('Chrome on Android');
  });

  it.each([
    ['  Kitchen tablet ', 'Kitchen tablet'],
    ['a', 'a'],
    ['😀'.repeat(100), '😀'.repeat(100)],
    ['😀'.repeat(101), null],
    ['   ', null],
    ['two\nlines', null],
    ['bell\u0007', null],
    ['line\u2028separator', null],
  ])('takes %j as the name %j', (text, name) => expect(parseDeviceName(text)).toBe(name));

  it.each([
    ['0f8fad5b-d9cb-469f-a165-70867728950e', true],
    ['a'.repeat(16), true],
    ['a'.repeat(15), false],
    ['a'.repeat(129), false],
    [`${'a'.repeat(16)}\n`, false],
    [`${'a'.repeat(16)} b`, false],
    ['', false],
  ])('is known by %j: %j', (text, known) => expect(isClientDeviceId(text)).toBe(known));
});
