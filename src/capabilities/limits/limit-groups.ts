import type { Actor } from '#kernel/actor.ts';
import { type Limit, type LimitGroup, type Networks, networksOf } from '#platform/rate-limit/index.ts';
import { type Dimension, type LimitCell, type LimitPolicy, onlyChallenges, type PolicyName, scaleUnits } from './limit-policy.ts';
import type { Caller } from './limits.ports.ts';

/** A group of limits, once as it stands for everybody and once for who has solved a challenge. */
export interface CountedGroup {
  readonly unsolved: LimitGroup;
  readonly solved: LimitGroup;
  readonly dimensions: readonly { readonly dimension: Dimension; readonly subject: string; readonly windowSeconds: number }[];
}

export interface GroupSettings {
  readonly name: PolicyName;
  readonly policy: LimitPolicy;
  readonly caller: Caller;
  /** What every limit is multiplied by. */
  readonly factor: number;
  /** Whether there is a challenge to solve; without one soft limits mean nothing. */
  readonly challenges: boolean;
  /** Makes of what tells callers apart what may be stored. */
  readonly disguise: (value: string) => string;
}

type Subjects = Partial<Record<Dimension, string>>;

/**
 * The limits that a call is counted on, in the order of counting: networks, then who calls, then the deployment. What
 * stands together in a group is counted together or not at all, and lies in one slot of a Redis cluster.
 */
export function groupsOf(settings: GroupSettings): CountedGroup[] {
  const { caller } = settings;
  const networks = networksOf(caller.actor.origin.ipAddress);
  const subjects = subjectsOf(caller, networks);
  const identity = subjects.organisation ?? subjects.account ?? '';
  return [
    group(settings, `n:${networks.subnet}`, subjects, ['address', 'subnet']),
    group(settings, `i:${identity}`, subjects, ['account', 'client', 'organisation']),
    group(settings, 'd', subjects, ['deployment']),
  ].filter(({ dimensions }) => dimensions.length > 0);
}

function subjectsOf({ actor, claimedAccount }: Caller, { address, subnet }: Networks): Subjects {
  const account = accountOf(actor, claimedAccount);
  return {
    address,
    subnet,
    deployment: 'all',
    ...(account === undefined ? {} : { account }),
    // A session is what an app or browser holds; clients of OAuth will take its place where there are any.
    ...(actor.kind === 'user' ? { client: actor.sessionId, organisation: actor.organisationId } : {}),
  };
}

/** Claimed before proven: whoever signs in as somebody counts on that account, whoever they were before. */
function accountOf(actor: Actor, claimed: string | undefined): string | undefined {
  if (claimed !== undefined) return `claimed:${claimed}`;
  return actor.kind === 'user' ? actor.userId : undefined;
}

function group(settings: GroupSettings, tag: string, subjects: Subjects, dimensions: readonly Dimension[]): CountedGroup {
  const { name, policy, disguise } = settings;
  const slot = disguise(tag);
  const counted = dimensions.flatMap((dimension) => {
    const cell = policy.cells[dimension];
    const value = subjects[dimension];
    if (cell === undefined || value === undefined) return [];
    // What only ever asks for a challenge need not be counted where there is none.
    if (!settings.challenges && cell.limit === onlyChallenges) return [];
    const subject = disguise(`${dimension}:${value}`);
    return [{ cell, dimension, subject, key: `${name}:${dimension}:${subject}:${slot}` }];
  });
  const limits = (solved: boolean): Limit[] =>
    counted.map(({ cell, key }) => ({ key, limit: unitsOf(cell, solved, settings), windowSeconds: cell.windowSeconds }));
  return {
    unsolved: { tag: slot, limits: limits(false) },
    solved: { tag: slot, limits: limits(true) },
    dimensions: counted.map(({ cell, dimension, subject }) => ({ dimension, subject, windowSeconds: cell.windowSeconds })),
  };
}

function unitsOf({ limit, softLimit }: LimitCell, solved: boolean, { policy, factor, challenges }: GroupSettings): number {
  const units = solved || !challenges ? limit : (softLimit ?? limit);
  return scaleUnits(units, factor, fullCostOf(policy));
}

/** What a call costs until it is known how it ended. */
export function fullCostOf({ cost, failure }: LimitPolicy): number {
  return cost + (failure?.cost ?? 0);
}

// One entry takes some 500 bytes.
const mostRemembered = 10_000;

/** Remembers the groups of callers who come again: for what is counted on every request. */
export function rememberingGroups(make: (caller: Caller) => CountedGroup[]): (caller: Caller) => CountedGroup[] {
  const known = new Map<string, CountedGroup[]>();
  return (caller) => {
    const { actor } = caller;
    const key = actor.kind === 'user' ? `${actor.origin.ipAddress} ${actor.sessionId}` : actor.origin.ipAddress;
    const found = known.get(key);
    if (found) return found;
    const groups = make(caller);
    if (known.size >= mostRemembered) known.clear();
    known.set(key, groups);
    return groups;
  };
}
