import type { Authorize } from '#capabilities/access/index.ts';
import type { Actor } from '#kernel/actor.ts';
import type { HeldLimit, HeldLimits } from '../limits.ports.ts';

export interface ListRateLimitsDeps {
  readonly held: Pick<HeldLimits, 'list'>;
  readonly authorize: Authorize;
}

export type ListRateLimits = (actor: Actor, most: number) => Promise<HeldLimit[]>;

/**
 * What limits hold now in the whole deployment, the latest first. Needs the permission `event:read`, since each
 * of them was told by an event. Throws UnauthenticatedError and ForbiddenError.
 */
export const listRateLimits =
  ({ held, authorize }: ListRateLimitsDeps): ListRateLimits =>
  async (actor, most) => {
    await authorize(actor, 'event:read');
    return held.list(most);
  };
