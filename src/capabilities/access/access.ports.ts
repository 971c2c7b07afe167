import type { OrganisationId, UserId } from '#kernel/ids.ts';
import type { Tx } from '#platform/db/index.ts';
import type { Grant } from './permission.ts';
import type { BuiltInRoleName, Role } from './role.ts';

export interface AccessStore {
  /** What a person holds in an organisation, and by which role. */
  listGrants(userId: UserId, organisationId: OrganisationId): Promise<Grant[]>;
  /** Adds roles that the organisation does not have yet; leaves those it has as they are. */
  addRoles(tx: Tx, roles: readonly Role[], at: Date): Promise<void>;
  assignRole(tx: Tx, userId: UserId, organisationId: OrganisationId, role: BuiltInRoleName, at: Date): Promise<void>;
  /** Whether anybody in the deployment holds this role. */
  hasAnyHolder(role: BuiltInRoleName): Promise<boolean>;
}
