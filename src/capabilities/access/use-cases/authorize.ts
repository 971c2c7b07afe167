import type { Actor } from '#kernel/actor.ts';
import { ForbiddenError, UnauthenticatedError } from '#kernel/errors.ts';
import type { AccessStore } from '../access.ports.ts';
import { decide, type Permission } from '../permission.ts';

export interface AuthorizeDeps {
  readonly store: Pick<AccessStore, 'listGrants'>;
}

/** Throws UnauthenticatedError for nobody, ForbiddenError for somebody who may not; returns for who may. */
export type Authorize = (actor: Actor, action: Permission) => Promise<void>;

/** Decides on the actor's grants in the organisation that they act in. The product itself may do everything. */
export const authorize =
  ({ store }: AuthorizeDeps): Authorize =>
  async (actor, action) => {
    if (actor.kind === 'system') return;
    if (actor.kind === 'anonymous') throw new UnauthenticatedError();
    const grants = await store.listGrants(actor.userId, actor.organisationId);
    if (!decide(grants, action).allowed) throw new ForbiddenError();
  };
