import type { Actor } from '#kernel/actor.ts';
import { AppError } from '#kernel/app-error.ts';
import { RateLimitedError } from '#kernel/errors.ts';
import type { ChallengeProvider } from '#platform/challenge/index.ts';
import { type MemoryRateLimiter, networksOf, type RateLimiter, type Reservation } from '#platform/rate-limit/index.ts';
import { type CountedGroup, fullCostOf, groupsOf, rememberingGroups } from '../limit-groups.ts';
import { type LimitPolicy, limitPolicies, type OperationClass, type PolicyName, policyOf } from '../limit-policy.ts';
import { ChallengeRequiredError } from '../limits.errors.ts';
import type { Caller, IsTrustedDevice, LimitListener, RiskFactor } from '../limits.ports.ts';
import type { ReportLimit } from './report-limit.ts';

export interface AdmitOperationDeps {
  readonly shared: RateLimiter;
  readonly node: MemoryRateLimiter;
  /** Undefined: nobody is asked to solve anything, and soft limits mean nothing. */
  readonly challenges: ChallengeProvider | undefined;
  readonly isTrustedDevice: IsTrustedDevice;
  readonly riskFactor: RiskFactor;
  /** The form in which an account's identifier is the same however it is written. */
  readonly normaliseAccount: (identifier: string) => string;
  /** A keyed hash, as text. */
  readonly disguise: (value: string) => string;
  readonly reportLimit: ReportLimit;
  readonly listener: LimitListener;
  /** What every limit of the table is multiplied by. */
  readonly factor: number;
}

/** One field of the root of a GraphQL document: each is a call of its own, however many stand in one document. */
export interface OperationCall {
  readonly operation: string;
  readonly operationClass: OperationClass;
  readonly actor: Actor;
  /** The identifier of the account that the input names, as it was given. */
  readonly claimedAccount?: string | undefined;
  /** The solution of a challenge. */
  readonly challengeResponse?: string | undefined;
}

/** To be told how the call ended; `error` is what it threw. */
export type SettleCall = (error?: unknown) => Promise<void>;

/**
 * Counts a call before it runs. What is counted on this node alone is answered at once, without a promise, with null where
 * its end does not matter. Throws RateLimitedError, and ChallengeRequiredError where solving a challenge would help.
 */
export type AdmitOperation = (call: OperationCall) => SettleCall | null | Promise<SettleCall>;

/** What the limits of a trusted device are multiplied by: its owner gets in while others guess at the account. */
const trustedFactor = 4;
// Of each address, by this node.
const mostTrustAsked = 60;
const trustWindowSeconds = 60;
const leastRiskFactor = 0.05;
const nothing: SettleCall = async () => {};

export const admitOperation = (deps: AdmitOperationDeps): AdmitOperation => {
  const { shared, node, challenges, disguise, normaliseAccount, reportLimit, listener, factor } = deps;

  function refused(name: PolicyName, actor: Actor, { dimensions }: CountedGroup, { states }: Reservation): RateLimitedError {
    let retryAfterMs = 1_000;
    for (const [index, state] of states.entries()) {
      const reached = dimensions[index];
      if (state.retryAfterMs === 0 || reached === undefined) continue;
      retryAfterMs = Math.max(retryAfterMs, state.retryAfterMs);
      // Nobody waits for it. What this node counts by itself has its subjects in the clear until here.
      const subject = limitPolicies[name].counted === 'node' ? disguise(reached.subject) : reached.subject;
      void reportLimit(actor, { policy: name, dimension: reached.dimension, subject, windowSeconds: reached.windowSeconds });
    }
    return new RateLimitedError(Math.ceil(retryAfterMs / 1000));
  }

  const groupsHere = new Map<PolicyName, (caller: Caller) => CountedGroup[]>();
  function groupsHereOf(name: PolicyName, policy: LimitPolicy, caller: Caller): CountedGroup[] {
    const known = groupsHere.get(name);
    const groupsFor =
      known ??
      rememberingGroups((who) => groupsOf({ name, policy, caller: who, factor, challenges: false, disguise: (value) => value }));
    if (!known) groupsHere.set(name, groupsFor);
    return groupsFor(caller);
  }

  function admitHere(name: PolicyName, policy: LimitPolicy, caller: Caller): SettleCall | null {
    const cost = fullCostOf(policy);
    const groups = groupsHereOf(name, policy, caller);
    for (const group of groups) {
      const reservation = node.reserveNow(group.solved, cost);
      if (!reservation.admitted) throw refused(name, caller.actor, group, reservation);
    }
    const { failure } = policy;
    if (!failure) return null;
    return async (error) => {
      if (!isFailure(failure.codes, error)) for (const group of groups) node.refundNow(group.solved, failure.cost);
    };
  }

  async function factorFor(caller: Caller): Promise<number> {
    return factor * Math.min(1, Math.max(leastRiskFactor, await deps.riskFactor(caller)));
  }

  /**
   * Whether the device is trusted by the account that the call counts on. Asked at a limit only, and so seldom from one
   * address that nobody who is refused makes work by it.
   */
  async function isTrusted(caller: Caller): Promise<boolean> {
    const { ipAddress, client } = caller.actor.origin;
    if (!client?.deviceId) return false;
    const { address } = networksOf(ipAddress);
    const asked = { key: `trust:address:${address}`, limit: mostTrustAsked, windowSeconds: trustWindowSeconds };
    return node.reserveNow({ tag: '', limits: [asked] }, 1).admitted && deps.isTrustedDevice(caller);
  }

  async function admitTogether(
    name: PolicyName,
    policy: LimitPolicy,
    caller: Caller,
    response: string | undefined,
  ): Promise<SettleCall> {
    const cost = fullCostOf(policy);
    const ordinaryFactor = await factorFor(caller);
    const groupsFor = (times: number): CountedGroup[] =>
      groupsOf({ name, policy, caller, factor: ordinaryFactor * times, challenges: challenges !== undefined, disguise });
    // Of a trusted device; none for any other. Unknown until a limit is reached.
    let wider: readonly CountedGroup[] | undefined;
    const counted: CountedGroup[] = [];
    // Of a group only the keys matter to a refund.
    const takeBack = (units: number) => Promise.all(counted.map(({ solved }) => shared.refund(solved, units)));
    let solved = challenges === undefined;
    for (const [index, ordinary] of groupsFor(1).entries()) {
      let group = wider?.[index] ?? ordinary;
      let reservation = await shared.reserve(solved ? group.solved : group.unsolved, cost);
      if (!reservation.admitted && wider === undefined) {
        wider = (await isTrusted(caller)) ? groupsFor(trustedFactor) : [];
        group = wider[index] ?? ordinary;
        if (group !== ordinary) reservation = await shared.reserve(solved ? group.solved : group.unsolved, cost);
      }
      if (!reservation.admitted && !solved && challenges) {
        // A solution is not used up where even that would not help.
        const helps = wouldFitSolved(group, reservation, cost);
        solved = helps && response !== undefined && (await challenges.redeem(response, caller.actor.origin.ipAddress));
        if (helps) listener(solved ? 'solved' : 'challenged', name, dimensionThatRefused(group, reservation));
        if (helps && !solved) {
          // It was no attempt, so it counts nowhere.
          await takeBack(cost);
          throw new ChallengeRequiredError(challenges);
        }
        reservation = await shared.reserve(group.solved, cost);
        if (reservation.admitted && !solved) {
          // Room was made just now: not for a caller who has solved nothing.
          counted.push(group);
          await takeBack(cost);
          throw new ChallengeRequiredError(challenges);
        }
      }
      if (!reservation.admitted) {
        // Nothing was tried: it counts as a call on what came before, and not as a failure.
        await takeBack(cost - policy.cost);
        throw refused(name, caller.actor, group, reservation);
      }
      counted.push(group);
    }
    const { failure } = policy;
    if (!failure) return nothing;
    return async (error) => {
      // Counted as a failure beforehand, so that calls under way at once are never more than the limit.
      if (!isFailure(failure.codes, error)) await takeBack(failure.cost);
    };
  }

  return ({ operation, operationClass, actor, claimedAccount, challengeResponse }) => {
    const name = policyOf(operation, operationClass);
    const policy: LimitPolicy = limitPolicies[name];
    if (policy.counted === 'node') return admitHere(name, policy, { actor, claimedAccount: undefined });
    const claimed = claimedAccount === undefined ? undefined : normaliseAccount(claimedAccount);
    return admitTogether(name, policy, { actor, claimedAccount: claimed }, challengeResponse);
  };
};

function isFailure(codes: readonly string[], error: unknown): boolean {
  return error instanceof AppError && codes.includes(error.code);
}

function wouldFitSolved({ solved }: CountedGroup, { states }: Reservation, cost: number): boolean {
  return states.every(({ used }, index) => used + cost <= (solved.limits[index]?.limit ?? 0));
}

function dimensionThatRefused({ dimensions }: CountedGroup, { states }: Reservation) {
  const index = states.findIndex(({ retryAfterMs }) => retryAfterMs > 0);
  return dimensions[index]?.dimension ?? 'deployment';
}
