import type { OrganisationId } from '#kernel/ids.ts';
import type { Parsed } from './email.ts';
import { assertDisplayName } from './user.ts';

export interface Organisation {
  readonly id: OrganisationId;
  /** Names the organisation in addresses; unique, a valid DNS label. */
  readonly slug: string;
  readonly name: string;
  /** Least length of its members' passwords in code points. The password policy may ask for more, never for less. */
  readonly passwordMinLength: number;
  readonly createdAt: Date;
}

/**
 * NIST SP 800-63B-4, 3.1.1.2: at least 15 where the password alone signs in, at least 8 where it is one of two factors,
 * and nobody may be kept from using 64, so more than that cannot be demanded.
 */
export const passwordMinLengthBounds = { least: 8, initial: 15, greatest: 64 } as const;

const maxSlugLength = 63; // a DNS label (RFC 1035, 2.3.4)
const slugShape = /^[a-z0-9]+(?:-[a-z0-9]+)*$/; // no doubled hyphen either, so it can't pass for an A-label

/** Reads a slug: 2 to 63 of a-z, 0-9 and single hyphens inside. Nothing is corrected, for a slug is copied, not typed. */
export function parseSlug(input: string): Parsed<string> {
  if (input.length < 2 || input.length > maxSlugLength) {
    return { ok: false, problem: `must have 2 to ${maxSlugLength} characters` };
  }
  if (!slugShape.test(input)) return { ok: false, problem: 'may hold a-z, 0-9 and single hyphens between them' };
  return { ok: true, value: input };
}

/** Reads an organisation's least password length: a whole number from 8 to 64. */
export function parsePasswordMinLength(input: number): Parsed<number> {
  const { least, greatest } = passwordMinLengthBounds;
  if (!Number.isInteger(input) || input < least || input > greatest) {
    return { ok: false, problem: `must be a whole number from ${least} to ${greatest}` };
  }
  return { ok: true, value: input };
}

/** A new organisation. Throws on what the parsers above would refuse: the door has read it before. */
export function createOrganisation(input: {
  id: OrganisationId;
  slug: string;
  name: string;
  passwordMinLength?: number;
  createdAt: Date;
}): Organisation {
  const slug = parseSlug(input.slug);
  if (!slug.ok) throw new RangeError(`a slug ${slug.problem}`);
  const { id, createdAt } = input;
  const organisation = { id, slug: slug.value, name: assertDisplayName(input.name), createdAt };
  return setPasswordMinLength(organisation, input.passwordMinLength ?? passwordMinLengthBounds.initial);
}

/** The organisation with another least password length; throws outside the bounds. Present passwords stay valid. */
export function setPasswordMinLength(organisation: Omit<Organisation, 'passwordMinLength'>, length: number): Organisation {
  const parsed = parsePasswordMinLength(length);
  if (!parsed.ok) throw new RangeError(`the least password length ${parsed.problem}`);
  return { ...organisation, passwordMinLength: parsed.value };
}
