import type { MembershipId, OrganisationId, UserId } from '#kernel/ids.ts';

/** That a user belongs to an organisation. It grants nothing by itself: roles do, and only to members. */
export interface Membership {
  readonly id: MembershipId;
  readonly userId: UserId;
  readonly organisationId: OrganisationId;
  readonly createdAt: Date;
}

export function createMembership(input: Membership): Membership {
  const { id, userId, organisationId, createdAt } = input;
  return { id, userId, organisationId, createdAt };
}
