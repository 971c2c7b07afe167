import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide, type Permission, parsePermission, permissionCovers } from './permission.ts';

describe('a permission', () => {
  it.each(['session:revoke', 'user:*', '*:read', '*:*', 'signing-key:rotate-now', 'oauth2:read'])('accepts %s', (text) => {
    expect(parsePermission(text)).toEqual({ ok: true, value: text });
  });

  it.each([
    '',
    ':',
    'session',
    'session:',
    ':revoke',
    'Session:revoke',
    'session:revoke:all',
    'session :revoke',
    'session:re*',
    '**:read',
    'session:revoke\n',
    '-a:b',
    'a-:b',
    'a--b:c',
    '1a:b',
    `${'a'.repeat(99)}:b`,
  ])('refuses %j', (text) => {
    expect(parsePermission(text).ok).toBe(false);
  });
});

describe('covering', () => {
  it.each([
    ['session:revoke', 'session:revoke', true],
    ['session:*', 'session:revoke', true],
    ['*:read', 'event:read', true],
    ['*:*', 'user:suspend', true],
    ['session:*', 'session:*', true],
    ['session:revoke', 'session:list', false],
    ['session:*', 'user:read', false],
    ['*:read', 'event:write', false],
    ['session:revoke', 'session:*', false],
    ['session:*', 'session-key:read', false],
    ['nonsense', 'nonsense', false],
    ['*', 'event:read', false],
  ])('%s over %s: %s', (granted, wanted, expected) => {
    expect(permissionCovers(granted, wanted)).toBe(expected);
  });

  const part = fc.constantFrom('*', 'user', 'session', 'event', 'read');
  const permission = fc.tuple(part, part).map(([resource, action]): Permission => `${resource}:${action}`);

  it('is a partial order with *:* on top', () => {
    fc.assert(
      fc.property(permission, permission, permission, (a, b, c) => {
        expect(permissionCovers(a, a)).toBe(true);
        expect(permissionCovers('*:*', a)).toBe(true);
        if (permissionCovers(a, b) && permissionCovers(b, c)) expect(permissionCovers(a, c)).toBe(true);
        if (permissionCovers(a, b) && permissionCovers(b, a)) expect(a).toBe(b);
      }),
    );
  });
});

describe('a decision', () => {
  const grants = [
    { role: 'member', permission: 'profile:read' },
    { role: 'admin', permission: 'session:*' },
  ];

  it('names the grant that allowed it', () => {
    expect(decide(grants, 'session:revoke')).toEqual({ allowed: true, because: { rule: 'granted', grant: grants[1] } });
  });

  it('names what was wanted and all that did not reach it', () => {
    const because = { rule: 'no-grant-covers', wanted: 'user:suspend', considered: grants };
    expect(decide(grants, 'user:suspend')).toEqual({ allowed: false, because });
  });

  it('denies where there are no grants, and where a grant is damaged', () => {
    expect(decide([], 'event:read').allowed).toBe(false);
    expect(decide([{ role: 'odd', permission: '*' }], 'event:read').allowed).toBe(false);
  });
});
