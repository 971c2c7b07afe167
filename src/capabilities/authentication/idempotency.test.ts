import { describe, expect, it } from 'vitest';
import { parseIdempotencyKey } from './idempotency.ts';

describe('parseIdempotencyKey', () => {
  it('takes a string of Structured Fields, and the same without quotes', () => {
    expect(parseIdempotencyKey('"8e03978e-40d5-43dd-bc93-6894a57f9324"')).toBe('8e03978e-40d5-43dd-bc93-6894a57f9324');
    expect(parseIdempotencyKey('8e03978e-40d5-43dd-bc93-6894a57f9324')).toBe('8e03978e-40d5-43dd-bc93-6894a57f9324');
  });

  it.each([
    '',
    '""',
    'short',
    '"short"',
    'a b c d e f g h',
    '"open-quote',
    'x'.repeat(129),
    '"with\\"escape"',
    'key-one, key-two',
  ])('refuses %j', (header) => {
    expect(parseIdempotencyKey(header)).toBeNull();
  });
});
