import { describe, expect, it } from 'vitest';
import type { Actor } from '#kernel/actor.ts';
import { AppError, describeError } from '#kernel/app-error.ts';
import { OverloadedError, RateLimitedError } from '#kernel/errors.ts';
import { Secret } from '#kernel/secret.ts';
import type { ChallengeProvider } from '#platform/challenge/index.ts';
import { memoryRateLimiter } from '#platform/rate-limit/index.ts';
import { ChallengeRequiredError } from '../limits.errors.ts';
import type { Caller } from '../limits.ports.ts';
import { type AdmitOperationDeps, admitOperation, type OperationCall } from './admit-operation.ts';

class InvalidCredentials extends AppError {
  constructor() {
    super(description);
  }
}
const description = describeError({ code: 'INVALID_CREDENTIALS', status: 401, message: 'wrong', remedy: 'none' });

const anonymous = (ipAddress = '192.0.2.1'): Actor => ({
  kind: 'anonymous',
  origin: { ipAddress, userAgent: '', correlationId: 'test' },
});

/** Somebody whose client shows a device id: of whom, nobody knows before it is asked. */
const withDevice = (ipAddress: string): Actor => ({
  kind: 'anonymous',
  origin: {
    ipAddress,
    userAgent: '',
    correlationId: 'test',
    client: { deviceId: new Secret('a device id of theirs'), keepsCookie: false, brands: '' },
  },
});

const provider: ChallengeProvider = {
  kind: 'altcha',
  issue: async () => ({}),
  redeem: async (response) => response === 'solved',
};

function setUp(overrides: Partial<AdmitOperationDeps> = {}) {
  let nowMs = 1_800_000_000_000;
  const node = memoryRateLimiter({ clock: { now: () => new Date(nowMs) } });
  const told: string[] = [];
  const admit = admitOperation({
    shared: node,
    node,
    challenges: undefined,
    isTrustedDevice: async () => false,
    riskFactor: async () => 1,
    normaliseAccount: (identifier) => identifier.toLowerCase(),
    disguise: (value) => `hash of ${value}`,
    reportLimit: async (_actor, { policy, dimension }) => void told.push(`${policy} ${dimension}`),
    listener: (outcome, policy, dimension) => told.push(`${outcome} ${policy} ${dimension}`),
    factor: 1,
    ...overrides,
  });
  const login = async (call: Partial<OperationCall> = {}, error?: unknown): Promise<string> => {
    try {
      const settle = await admit({ operation: 'login', operationClass: 'mutation', actor: anonymous(), ...call });
      await settle?.(error);
      return 'admitted';
    } catch (refusal) {
      if (refusal instanceof RateLimitedError) return 'limited';
      if (refusal instanceof ChallengeRequiredError) return 'challenged';
      throw refusal;
    }
  };
  const times = async (count: number, attempt: () => Promise<string>): Promise<Record<string, number>> => {
    const counts: Record<string, number> = {};
    for (let index = 0; index < count; index += 1) {
      const outcome = await attempt();
      counts[outcome] = (counts[outcome] ?? 0) + 1;
    }
    return counts;
  };
  return {
    admit,
    login,
    times,
    told,
    advance: (seconds: number) => {
      nowMs += seconds * 1000;
    },
  };
}
const wrong = new InvalidCredentials();
/** An operation whose account has a limit that refuses; that of `login` only ever asks for work. */
const guessing = { operation: 'changePassword' } as const;

describe('admitOperation', () => {
  it('lets an office of a thousand people sign in within nine minutes, and not one of them guess so often', async () => {
    const { login, times, advance } = setUp();
    // The last one fits while it sets aside what a failure would cost.
    expect(await times(600, () => login())).toEqual({ admitted: 595, limited: 5 });
    advance(331);
    expect(await times(405, () => login())).toEqual({ admitted: 405 });
    advance(331);
    expect(await times(150, () => login({}, wrong))).toEqual({ admitted: 100, limited: 50 });
  });

  it('counts a failure beforehand, so that guesses under way at once are never more than the limit', async () => {
    const { admit } = setUp();
    const call = { ...guessing, operationClass: 'mutation', actor: anonymous(), claimedAccount: 'ada' } as const;
    const underWay = await Promise.allSettled(Array.from({ length: 100 }, async () => admit(call)));
    expect(underWay.filter(({ status }) => status === 'fulfilled')).toHaveLength(15);
  });

  it('takes the surcharge back for what was no guess: a good call, a busy server, a defect', async () => {
    const { login, times } = setUp();
    for (const error of [undefined, new OverloadedError(1), new Error('defect')])
      expect(await times(25, () => login({ ...guessing, claimedAccount: 'ada' }, error))).toEqual({ admitted: 25 });
    // 75 of the account's 90 units are used, so two failures fit.
    expect(await times(5, () => login({ ...guessing, claimedAccount: 'ADA' }, wrong))).toEqual({ admitted: 2, limited: 3 });
  });

  it('is four times as wide for a trusted device, while others have used up what they have', async () => {
    const { login, times } = setUp({ isTrustedDevice: async ({ actor }) => actor.origin.ipAddress === '198.51.100.1' });
    const stranger = () => login({ ...guessing, claimedAccount: 'ada' }, wrong);
    const owner = () => login({ ...guessing, claimedAccount: 'ada', actor: withDevice('198.51.100.1') });
    expect(await times(20, stranger)).toEqual({ admitted: 15, limited: 5 });
    expect(await times(20, owner)).toEqual({ admitted: 20 });
  });

  it('asks for trust at a limit only, once a call, and of who shows a device', async () => {
    const asked: (string | undefined)[] = [];
    const isTrustedDevice = async ({ claimedAccount }: Caller) => asked.push(claimedAccount) > 0 && claimedAccount === 'ada';
    const { login, times } = setUp({ isTrustedDevice });
    const from = (actor: Actor, claimedAccount: string) => () => login({ ...guessing, claimedAccount, actor }, wrong);
    expect(await times(15, from(withDevice('198.51.100.1'), 'ada'))).toEqual({ admitted: 15 });
    expect(asked).toEqual([]);
    expect(await times(1, from(withDevice('198.51.100.1'), 'ada'))).toEqual({ admitted: 1 });
    expect(asked).toEqual(['ada']);
    // Trust of one account is none of another, and who shows nothing is not asked for.
    expect(await times(20, from(withDevice('198.51.100.2'), 'bob'))).toEqual({ admitted: 15, limited: 5 });
    expect(await times(5, from(anonymous('198.51.100.3'), 'ada'))).toEqual({ limited: 5 });
    expect(new Set(asked)).toEqual(new Set(['ada', 'bob']));
  });

  it('does not let who is refused make work: trust is asked for so often from one address', async () => {
    let asked = 0;
    const isTrustedDevice = async () => {
      asked += 1;
      return false;
    };
    const { login, times } = setUp({ isTrustedDevice });
    const guess = () => login({ ...guessing, claimedAccount: 'ada', actor: withDevice('198.51.100.1') }, wrong);
    expect(await times(300, guess)).toEqual({ admitted: 15, limited: 285 });
    expect(asked).toBe(60);
  });

  it('is narrower with risk, and never wider or shut by it', async () => {
    const guesses = async (risk: number) => {
      const { login, times } = setUp({ riskFactor: async () => risk });
      return (await times(20, () => login({ ...guessing, claimedAccount: 'ada' }, wrong)))['admitted'];
    };
    expect([await guesses(0.5), await guesses(7), await guesses(0), await guesses(-1)]).toEqual([7, 15, 1, 1]);
  });

  it('does not use up an account by calls that its network already refuses', async () => {
    const { login, times } = setUp();
    await times(100, () => login(guessing, wrong));
    expect(await times(200, () => login({ ...guessing, claimedAccount: 'ada' }, wrong))).toEqual({ limited: 200 });
    const elsewhere = () => login({ ...guessing, claimedAccount: 'ada', actor: anonymous('203.0.113.9') }, wrong);
    expect(await times(20, elsewhere)).toEqual({ admitted: 15, limited: 5 });
  });

  it('asks for a challenge over the soft limit of an account, and never refuses at it', async () => {
    const { login, times, told } = setUp({ challenges: provider });
    const guess = (challengeResponse?: string) => () => login({ claimedAccount: 'ada', challengeResponse }, wrong);
    expect(await times(10, guess())).toEqual({ admitted: 3, challenged: 7 });
    expect(await times(2, guess('odd'))).toEqual({ challenged: 2 });
    // Strangers can't use the account up: its owner, who does the work, is never refused.
    expect(await times(30, guess('solved'))).toEqual({ admitted: 30 });
    expect(await guess()()).toBe('challenged');
    expect(told.filter((line) => line === 'challenged login account')).toHaveLength(9);
    expect(told.filter((line) => line === 'login account')).toHaveLength(0);
  });

  it('answers reads at once, without a promise', () => {
    const { admit } = setUp();
    expect(admit({ operation: 'viewer', operationClass: 'query', actor: anonymous() })).toBeNull();
  });

  it('does not take the name of a class or of a member of every object for an operation', async () => {
    const { admit } = setUp();
    for (const operation of ['request', 'constructor', '__proto__', 'toString'])
      expect(await admit({ operation, operationClass: 'mutation', actor: anonymous() })).toBeInstanceOf(Function);
  });
});
