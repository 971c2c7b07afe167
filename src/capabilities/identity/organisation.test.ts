import { describe, expect, it } from 'vitest';
import { newId } from '#kernel/ids.ts';
import { createOrganisation, parsePasswordMinLength, parseSlug, setPasswordMinLength } from './organisation.ts';

const input = { id: newId('org'), slug: 'acme', name: ' Acme ', createdAt: new Date('2026-01-01T00:00:00Z') };

describe('a slug', () => {
  it.each(['acme', 'acme-2', '42', 'a'.repeat(63)])('accepts %s', (slug) => {
    expect(parseSlug(slug)).toEqual({ ok: true, value: slug });
  });

  it.each(['', 'a', 'Acme', 'ac_me', '-acme', 'acme-', 'ac--me', 'xn--acme', ' acme', 'acme\n', 'ácme', '../x', 'a'.repeat(64)])(
    'refuses %j',
    (slug) => {
      expect(parseSlug(slug).ok).toBe(false);
    },
  );
});

describe('an organisation', () => {
  it('asks for 15 characters unless it says otherwise', () => {
    expect(createOrganisation(input)).toEqual({ ...input, name: 'Acme', passwordMinLength: 15 });
    expect(createOrganisation({ ...input, passwordMinLength: 20 }).passwordMinLength).toBe(20);
  });

  it.each([7, 0, -1, 65, 8.5, Number.NaN, Infinity])('cannot ask for %d', (length) => {
    expect(parsePasswordMinLength(length).ok).toBe(false);
    expect(() => createOrganisation({ ...input, passwordMinLength: length })).toThrow(RangeError);
    expect(() => setPasswordMinLength(createOrganisation(input), length)).toThrow(RangeError);
  });

  it.each([8, 15, 64])('can ask for %d', (length) => {
    expect(setPasswordMinLength(createOrganisation(input), length).passwordMinLength).toBe(length);
  });

  it('needs a slug and a name', () => {
    expect(() => createOrganisation({ ...input, slug: 'A' })).toThrow('slug');
    expect(() => createOrganisation({ ...input, name: ' ' })).toThrow('name');
  });
});
