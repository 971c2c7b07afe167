import { describe, expect, it } from 'vitest';
import { newId } from '#kernel/ids.ts';
import { decide, type Permission } from './permission.ts';
import { type BuiltInRoleName, builtInRoles, createRole } from './role.ts';

const ids = { id: newId('rol'), organisationId: newId('org') };

function mayDo(role: BuiltInRoleName, wanted: Permission): boolean {
  return decide(
    builtInRoles[role].permissions.map((permission) => ({ role, permission })),
    wanted,
  ).allowed;
}

describe('the built-in roles', () => {
  it.each(Object.values(builtInRoles))('$name is a valid role', (definition) => {
    expect(createRole({ ...ids, definition }).permissions).toEqual(definition.permissions);
  });

  it('let an owner do everything, an administrator much, a member nothing that needs a permission', () => {
    expect(mayDo('owner', 'role:grant')).toBe(true);
    expect(mayDo('admin', 'session:revoke')).toBe(true);
    expect(mayDo('admin', 'event:read')).toBe(true);
    expect(mayDo('member', 'event:read')).toBe(false);
  });

  it.each<Permission>(['role:grant', 'role:create', 'organisation:update', 'event:delete', '*:*'])(
    'keep an administrator from becoming an owner or touching the log: %s',
    (wanted) => {
      expect(mayDo('admin', wanted)).toBe(false);
    },
  );
});

describe('a role', () => {
  it('holds each permission once, in order', () => {
    const definition = { name: 'auditor', description: 'Reads.', permissions: ['user:read', 'event:read', 'user:read'] as const };
    expect(createRole({ ...ids, definition })).toEqual({ ...ids, ...definition, permissions: ['event:read', 'user:read'] });
  });

  it.each([
    { name: 'Auditor', description: '', permissions: [] },
    { name: '', description: '', permissions: [] },
    { name: 'a'.repeat(64), description: '', permissions: [] },
    { name: 'auditor', description: 'two\nlines', permissions: [] },
    { name: 'auditor', description: 'x'.repeat(301), permissions: [] },
    { name: 'auditor', description: '', permissions: ['Event:read' as const] },
  ])('is refused: %j', (definition) => {
    expect(() => createRole({ ...ids, definition })).toThrow(RangeError);
  });
});
