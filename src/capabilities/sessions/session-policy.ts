import type { FieldProblem } from '#kernel/errors.ts';

export type SessionLimitAction = 'refuse' | 'evict-oldest';

/** What happens when a person has as many sessions in an organisation as it allows, and signs in once more. */
export interface SessionLimit {
  readonly most: number;
  readonly action: SessionLimitAction;
}

/** What an organisation asks of its members' sessions. Null: as the deployment; for `sessionLimit`: any number. */
export interface SessionPolicy {
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

export interface EffectiveSessionPolicy extends SessionPolicyBounds {
  readonly sessionLimit: number | null;
  readonly limitAction: SessionLimitAction;
}

export const defaultSessionPolicy: SessionPolicy = {
  idleTimeoutSeconds: null,
  absoluteTimeoutSeconds: null,
  sessionLimit: null,
  limitAction: 'evict-oldest',
  deviceTrustSeconds: null,
};

// Shorter than this a person would be signed out while they fill in a form.
const leastTimeoutSeconds = 60;
const mostSessions = 1_000;

/** What holds for an organisation: its own wishes, but never more than the deployment allows by now. */
export function effectivePolicy(policy: SessionPolicy, bounds: SessionPolicyBounds): EffectiveSessionPolicy {
  const absoluteTimeoutSeconds = lower(policy.absoluteTimeoutSeconds, bounds.absoluteTimeoutSeconds);
  return {
    idleTimeoutSeconds: Math.min(lower(policy.idleTimeoutSeconds, bounds.idleTimeoutSeconds), absoluteTimeoutSeconds),
    absoluteTimeoutSeconds,
    sessionLimit: policy.sessionLimit,
    limitAction: policy.limitAction,
    deviceTrustSeconds: lower(policy.deviceTrustSeconds, bounds.deviceTrustSeconds),
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

function outside(field: keyof SessionPolicy, value: number | null, least: number, most: number): FieldProblem[] {
  if (value === null || (Number.isInteger(value) && value >= least && value <= most)) return [];
  return [{ path: `input.${field}`, message: `must be a whole number from ${least} to ${most}` }];
}

function lower(own: number | null, bound: number): number {
  return Math.min(own ?? bound, bound);
}
