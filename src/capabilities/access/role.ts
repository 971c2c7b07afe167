import type { OrganisationId, RoleId } from '#kernel/ids.ts';
import { type Parsed, type Permission, parsePermission } from './permission.ts';

/** A named set of permissions inside one organisation. */
export interface Role {
  readonly id: RoleId;
  readonly organisationId: OrganisationId;
  /** Lower-case kebab, unique in the organisation. */
  readonly name: string;
  readonly description: string;
  /** Sorted, without duplicates. */
  readonly permissions: readonly Permission[];
}

export interface RoleDefinition {
  readonly name: string;
  readonly description: string;
  readonly permissions: readonly Permission[];
}

/** The roles that every organisation is born with. */
export const builtInRoles = {
  owner: { name: 'owner', description: 'May do everything, also appoint other owners.', permissions: ['*:*'] },
  admin: {
    name: 'admin',
    description: 'Looks after people, their sessions and the security log.',
    // No `role:*` and no write access to the organisation: an administrator cannot become an owner unaided.
    permissions: [
      'event:read',
      'membership:*',
      'organisation:read',
      'role:read',
      'session-policy:*',
      'session:*',
      'token:introspect',
      'user:*',
    ],
  },
  member: { name: 'member', description: 'Manages their own account, which needs no permission.', permissions: [] },
} as const satisfies Record<string, RoleDefinition>;

export type BuiltInRoleName = keyof typeof builtInRoles;

const nameShape = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
const maxNameLength = 63;
const maxDescriptionLength = 300;

export function parseRoleName(text: string): Parsed<string> {
  if (text.length > maxNameLength || !nameShape.test(text)) {
    return { ok: false, problem: `must be lower-case kebab of at most ${maxNameLength} characters` };
  }
  return { ok: true, value: text };
}

/** A new role; throws on a malformed name, description or permission, which the door has read before. */
export function createRole(input: { id: RoleId; organisationId: OrganisationId; definition: RoleDefinition }): Role {
  const { name, description, permissions } = input.definition;
  const parsedName = parseRoleName(name);
  if (!parsedName.ok) throw new RangeError(`a role's name ${parsedName.problem}`);
  if (description.length > maxDescriptionLength || /\p{Cc}/u.test(description)) {
    throw new RangeError(`a role's description is one line of at most ${maxDescriptionLength} characters`);
  }
  const parsed = permissions.map((permission) => parsePermission(permission));
  const refused = parsed.find((permission) => !permission.ok);
  if (refused !== undefined) throw new RangeError(`a permission ${refused.problem}`);
  const unique = new Set(permissions);
  return { id: input.id, organisationId: input.organisationId, name, description, permissions: [...unique].sort() };
}
