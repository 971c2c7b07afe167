import { describe, expect, it } from 'vitest';
import { UnavailableError } from '#kernel/errors.ts';
import { asUnavailable, isUniqueViolation } from './failures.ts';

const withCode = (code: string) => Object.assign(new Error('failed'), { code });

describe('asUnavailable', () => {
  it.each([
    ['a connection that was ended by an administrator', withCode('57P01')],
    ['too many connections', withCode('53300')],
    ['a server that refuses', withCode('ECONNREFUSED')],
    ['Prisma without a server', withCode('P1001')],
    ['the same, wrapped', new Error('query failed', { cause: withCode('08006') })],
    // The adapter's own error holds the driver's facts as a plain object.
    ['a driver adapter’s error', new Error('terminating connection', { cause: { kind: 'postgres', originalCode: '57P01' } })],
    [
      'what Prisma makes of it',
      Object.assign(new Error('raw'), { code: 'P2010', meta: { driverAdapterError: { cause: { originalCode: '57P01' } } } }),
    ],
  ])('knows %s', (_name, error) => {
    expect(asUnavailable(error)).toBeInstanceOf(UnavailableError);
  });

  it.each([
    ['a violated constraint', withCode('23505')],
    ['a defect', new TypeError('x is not a function')],
    ['a driver adapter’s other error', new Error('failed', { cause: { kind: 'postgres', originalCode: '42P01' } })],
    ['no error at all', 'ECONNREFUSED'],
  ])('leaves alone %s', (_name, error) => {
    expect(asUnavailable(error)).toBeUndefined();
  });

  it('tells a violated unique constraint of either ORM', () => {
    expect([withCode('23505'), withCode('P2002'), withCode('23503')].map(isUniqueViolation)).toEqual([true, true, false]);
  });
});
