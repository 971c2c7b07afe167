import type { RequestOrigin } from '#kernel/actor.ts';
import type { FieldProblem } from '#kernel/errors.ts';
import { isInRanges, parseAddressRange } from './address-ranges.ts';
import { networkOf } from './session-binding.ts';

export type SessionLimitAction = 'refuse' | 'evict-oldest';

export type NetworkBinding = 'none' | 'subnet';
export type ClientBinding = 'none' | 'family';

/** What an organisation ties sessions to: see session-binding.ts. */
export interface SessionBindingPolicy {
  readonly networkBinding: NetworkBinding;
  readonly clientBinding: ClientBinding;
  /** Address ranges (CIDR) in which sessions may be used; none: anywhere. */
  readonly allowedNetworks: readonly string[];
}

/** What happens when a person has as many sessions in an organisation as it allows, and signs in once more. */
export interface SessionLimit {
  readonly most: number;
  readonly action: SessionLimitAction;
}

/** What an organisation asks of its members' sessions. Null: as the deployment; for `sessionLimit`: any number. */
export interface SessionPolicy extends SessionBindingPolicy {
  readonly idleTimeoutSeconds: number | null;
  readonly absoluteTimeoutSeconds: number | null;
  readonly sessionLimit: number | null;
  readonly limitAction: SessionLimitAction;
  /** For how long a trusted device stays trusted; 0: no device can be trusted. */
  readonly deviceTrustSeconds: number | null;
}

/** The deployment's own values. They hold where an organisation asks for nothing, and none may ask for more. */
export interface SessionPolicyBounds {
  readonly idleTimeoutSeconds: number;
  readonly absoluteTimeoutSeconds: number;
  readonly deviceTrustSeconds: number;
}

export interface EffectiveSessionPolicy extends SessionPolicyBounds, SessionBindingPolicy {
  readonly sessionLimit: number | null;
  readonly limitAction: SessionLimitAction;
}

export const defaultSessionPolicy: SessionPolicy = {
  idleTimeoutSeconds: null,
  absoluteTimeoutSeconds: null,
  sessionLimit: null,
  limitAction: 'evict-oldest',
  deviceTrustSeconds: null,
  networkBinding: 'none',
  clientBinding: 'none',
  allowedNetworks: [],
};

// Shorter than this a person would be signed out while they fill in a form.
const leastTimeoutSeconds = 60;
const mostSessions = 1_000;
// Each session carries them.
export const mostRanges = 32;

/** What holds for an organisation: its own wishes, but never more than the deployment allows by now. */
export function effectivePolicy(policy: SessionPolicy, bounds: SessionPolicyBounds): EffectiveSessionPolicy {
  const absoluteTimeoutSeconds = lower(policy.absoluteTimeoutSeconds, bounds.absoluteTimeoutSeconds);
  return {
    idleTimeoutSeconds: Math.min(lower(policy.idleTimeoutSeconds, bounds.idleTimeoutSeconds), absoluteTimeoutSeconds),
    absoluteTimeoutSeconds,
    sessionLimit: policy.sessionLimit,
    limitAction: policy.limitAction,
    deviceTrustSeconds: lower(policy.deviceTrustSeconds, bounds.deviceTrustSeconds),
    networkBinding: policy.networkBinding,
    clientBinding: policy.clientBinding,
    allowedNetworks: policy.allowedNetworks,
  };
}

/** What is wrong with a policy, by its fields; nothing where it can be stored. */
export function sessionPolicyProblems(policy: SessionPolicy, bounds: SessionPolicyBounds): FieldProblem[] {
  const { idleTimeoutSeconds: idle, absoluteTimeoutSeconds: absolute } = policy;
  const problems = [
    ...outside('idleTimeoutSeconds', idle, leastTimeoutSeconds, bounds.idleTimeoutSeconds),
    ...outside('absoluteTimeoutSeconds', absolute, leastTimeoutSeconds, bounds.absoluteTimeoutSeconds),
    ...outside('sessionLimit', policy.sessionLimit, 1, mostSessions),
    ...outside('deviceTrustSeconds', policy.deviceTrustSeconds, 0, bounds.deviceTrustSeconds),
  ];
  if (problems.length === 0 && idle !== null && idle > (absolute ?? bounds.absoluteTimeoutSeconds))
    problems.push({ path: 'input.idleTimeoutSeconds', message: 'must be no more than absoluteTimeoutSeconds' });
  return problems;
}

/**
 * What is wrong with the bindings of a policy, set from there. Who sets them must be within them: else they would be signed
 * out by their own change, and nobody could take it back.
 */
export function bindingProblems(
  { networkBinding, allowedNetworks }: SessionBindingPolicy,
  { ipAddress }: Pick<RequestOrigin, 'ipAddress'>,
): FieldProblem[] {
  if (networkBinding !== 'none' && networkOf(ipAddress) === null)
    return [{ path: 'input.networkBinding', message: 'can not be set from where your own network is not known' }];
  if (allowedNetworks.length > mostRanges)
    return [{ path: 'input.allowedNetworks', message: `must be at most ${mostRanges} ranges` }];
  const problems = allowedNetworks.flatMap((range, index) =>
    parseAddressRange(range) === range
      ? []
      : [{ path: `input.allowedNetworks.${index}`, message: 'must be a range such as 192.0.2.0/24 or 2001:db8::/48' }],
  );
  if (problems.length === 0 && allowedNetworks.length > 0 && !isInRanges(ipAddress, allowedNetworks))
    problems.push({ path: 'input.allowedNetworks', message: 'must contain the address that you come from' });
  return problems;
}

/** The ranges each in its one way of writing and once; what is no range stays as it is, for `bindingProblems`. */
export function canonicalRanges(ranges: readonly string[]): string[] {
  return [...new Set(ranges.map((range) => parseAddressRange(range) ?? range))];
}

function outside(field: keyof SessionPolicy, value: number | null, least: number, most: number): FieldProblem[] {
  if (value === null || (Number.isInteger(value) && value >= least && value <= most)) return [];
  return [{ path: `input.${field}`, message: `must be a whole number from ${least} to ${most}` }];
}

function lower(own: number | null, bound: number): number {
  return Math.min(own ?? bound, bound);
}
