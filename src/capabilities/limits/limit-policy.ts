/** What callers are told apart by. */
export type Dimension = 'address' | 'subnet' | 'account' | 'client' | 'organisation' | 'deployment';

/** One cell of the table: so many units in so many seconds. */
export interface LimitCell {
  readonly limit: number;
  readonly windowSeconds: number;
  /** Above so many units only a caller who solves a challenge goes on, up to the limit. Absent: no challenge here. */
  readonly softLimit?: number;
}

export interface LimitPolicy {
  /** Units of one call that goes well. */
  readonly cost: number;
  /** Further units of a call that ends with one of these codes: so limits shrink with failures. */
  readonly failure?: { readonly cost: number; readonly codes: readonly string[] };
  /**
   * `shared` counts for all nodes together, in Redis where there is one. `node` counts in this process alone and costs no
   * round trip: with several nodes a caller whom the balancer spreads may have the limit on each.
   */
  readonly counted: 'shared' | 'node';
  readonly cells: Readonly<Partial<Record<Dimension, LimitCell>>>;
}

/** The limit of a cell that asks for a challenge and never refuses. */
export const onlyChallenges = Number.MAX_SAFE_INTEGER;

const minute = 60;
const quarter = 900;
const hour = 3_600;

/** Codes that tell of a guess: at a password or at a token. */
const guessed = ['INVALID_CREDENTIALS', 'TOKEN_INVALID', 'REFRESH_TOKEN_INVALID'] as const;

/**
 * All limits in one table: rows are operations of GraphQL or classes of them, columns are dimensions. The numbers assume
 * an office of a thousand people behind one address. The exact, durable counters of guesses (NIST SP 800-63B-4, 3.2.2) are
 * the throttles of `authentication`, which stand behind these.
 */
export const limitPolicies = {
  /**
   * Whatever comes by HTTP, before anything reads it, and the handshakes of WebSockets. A page with its data is some ten
   * requests: a thousand people who all open one in the same half minute stay below.
   */
  request: {
    cost: 1,
    counted: 'node',
    cells: {
      address: { limit: 20_000, windowSeconds: minute },
      subnet: { limit: 60_000, windowSeconds: minute },
    },
  },
  /**
   * A good sign-in costs 1 and a wrong password 6. One address has 600 sign-ins or 100 wrong passwords in five minutes, and
   * after 120 units, which is 20 wrong passwords or a queue of people at nine o'clock, the pages do a moment of proof of
   * work each. At an account three wrong passwords in a quarter of an hour are free of work. The account's cell and the
   * deployment's only ever ask for work: ten thousand addresses with one guess each pass every other cell, and an account
   * that strangers could use up would keep its owner out. What slows them there are the throttles behind, network by network.
   */
  login: {
    cost: 1,
    failure: { cost: 5, codes: guessed },
    counted: 'shared',
    cells: {
      address: { limit: 600, softLimit: 120, windowSeconds: 300 },
      subnet: { limit: 2_400, softLimit: 480, windowSeconds: 300 },
      account: { limit: onlyChallenges, softLimit: 18, windowSeconds: quarter },
      deployment: { limit: onlyChallenges, softLimit: 6_000, windowSeconds: 300 },
    },
  },
  /** A class of thirty signs up at once; a company is imported, or asked for work after the first sixty. */
  register: {
    cost: 1,
    counted: 'shared',
    cells: {
      address: { limit: 300, softLimit: 60, windowSeconds: hour },
      subnet: { limit: 1_200, softLimit: 240, windowSeconds: hour },
      account: { limit: onlyChallenges, softLimit: 5, windowSeconds: hour },
      deployment: { limit: onlyChallenges, softLimit: 2_000, windowSeconds: 300 },
    },
  },
  /** Each may send a mail, of which the throttles behind send a few an hour. Nobody is kept from asking by a stranger who asks. */
  requestPasswordReset: {
    cost: 1,
    counted: 'shared',
    cells: {
      address: { limit: 300, softLimit: 60, windowSeconds: hour },
      subnet: { limit: 1_200, softLimit: 240, windowSeconds: hour },
      account: { limit: onlyChallenges, softLimit: 5, windowSeconds: hour },
      deployment: { limit: onlyChallenges, softLimit: 2_000, windowSeconds: 300 },
    },
  },
  /** A guess at the password of who is signed in, as at `login`. */
  changePassword: {
    cost: 1,
    failure: { cost: 5, codes: guessed },
    counted: 'shared',
    cells: {
      address: { limit: 600, windowSeconds: 300 },
      account: { limit: 90, windowSeconds: quarter },
      organisation: { limit: 6_000, windowSeconds: quarter },
    },
  },
  /** A thousand apps behind one address each refresh every five minutes, and all at once after a power cut. */
  refreshSession: {
    cost: 1,
    failure: { cost: 49, codes: guessed },
    counted: 'node',
    cells: {
      address: { limit: 10_000, windowSeconds: 300 },
      subnet: { limit: 40_000, windowSeconds: 300 },
    },
  },
  /** Every other change. One-time links have 256 bits: a wrong one is a mistake or noise, a hundred are noise. */
  mutation: {
    cost: 1,
    failure: { cost: 9, codes: guessed },
    counted: 'shared',
    cells: {
      address: { limit: 3_000, windowSeconds: 300 },
      subnet: { limit: 12_000, windowSeconds: 300 },
      account: { limit: 600, windowSeconds: 300 },
      client: { limit: 600, windowSeconds: 300 },
      organisation: { limit: 60_000, windowSeconds: 300 },
    },
  },
  /** Reads of somebody who is signed in; nobody's reads are bounded by `request` alone. */
  query: {
    cost: 1,
    counted: 'node',
    cells: { account: { limit: 6_000, windowSeconds: minute } },
  },
  subscription: {
    cost: 1,
    counted: 'node',
    cells: { account: { limit: 300, windowSeconds: minute } },
  },
} as const satisfies Record<string, LimitPolicy>;

export type PolicyName = keyof typeof limitPolicies;
export type OperationClass = 'query' | 'mutation' | 'subscription';

/** The row of an operation: its own, or that of its class. `request` is no operation. */
export function policyOf(operation: string, operationClass: OperationClass): PolicyName {
  return operation !== 'request' && Object.hasOwn(limitPolicies, operation) ? (operation as PolicyName) : operationClass;
}

/**
 * A number of units times `factor`, rounded down, and never less than what one call may cost: a limit that lets nothing
 * pass would be an off switch.
 */
export function scaleUnits(units: number, factor: number, leastUnits: number): number {
  return Math.max(leastUnits, Math.min(onlyChallenges, Math.floor(units * factor)));
}
