import { randomBytes } from 'node:crypto';
import { Secret } from '#kernel/secret.ts';
import { StartupError } from '#platform/config/startup-error.ts';
import { type BoundedQueueStats, createBoundedQueue } from '#platform/resilience/bounded-queue.ts';
import { loadNodeArgon2Hasher } from './argon2.node-argon2.ts';
import { loadNodeRsHasher } from './argon2.node-rs.ts';
import { lowerHashingPriority } from './hashing-priority.ts';
import type { PasswordHasher, PasswordHashParameters } from './password-hasher.ts';

export type PasswordHashLibrary = 'node-rs' | 'node-argon2';

export interface PasswordHasherOptions {
  readonly library: 'auto' | PasswordHashLibrary;
  readonly parameters: PasswordHashParameters;
  /** Hashes computed at once. Without it: the number of processors. */
  readonly concurrency?: number | undefined;
  /** Hashes that may wait; past that `hash` and `verify` reject with OverloadedError. */
  readonly maxWaiting: number;
}

type Load = (parameters: PasswordHashParameters) => Promise<PasswordHasher>;

export interface PasswordHasherDeps {
  readonly load?: Readonly<Record<PasswordHashLibrary, Load>>;
  readonly monotonicNow?: () => number;
}

/** The hasher that the product uses: one library behind one bounded queue. */
export interface PasswordHashingEngine extends PasswordHasher {
  /** The library that was chosen. */
  readonly library: PasswordHashLibrary;
  /** Why the preferred library was passed over, for the log; undefined when it was not. */
  readonly fallbackCause: unknown;
  /** Those of new hashes. */
  readonly parameters: PasswordHashParameters;
  stats(): BoundedQueueStats;
}

const installed: Record<PasswordHashLibrary, Load> = { 'node-rs': loadNodeRsHasher, 'node-argon2': loadNodeArgon2Hasher };

/**
 * Loads the library, proves by a first hash that it works, and puts it behind the queue.
 * Throws StartupError when the chosen library, or with `auto` every one, can't be loaded.
 */
export async function createPasswordHasher(
  options: PasswordHasherOptions,
  deps: PasswordHasherDeps = {},
): Promise<PasswordHashingEngine> {
  const { memoryKib, parallelism } = options.parameters;
  if (memoryKib < 8 * parallelism) {
    throw new StartupError(
      `ARGON2_MEMORY_KIB is ${memoryKib}, less than 8 KiB for each of the ${parallelism} lanes (RFC 9106, 3.1).`,
      `Set it to ${8 * parallelism} or more, or ARGON2_PARALLELISM lower.`,
    );
  }
  const { hasher, library, fallbackCause } = await loadFirst(options, deps.load ?? installed);
  lowerHashingPriority();
  const queue = createBoundedQueue({
    concurrency: options.concurrency,
    maxWaiting: options.maxWaiting,
    monotonicNow: deps.monotonicNow,
  });
  return {
    library,
    fallbackCause,
    parameters: options.parameters,
    hash: (password) => queue.run(() => hasher.hash(password)),
    verify: (phc, password) => queue.run(() => hasher.verify(phc, password)),
    needsRehash: hasher.needsRehash,
    stats: queue.stats,
  };
}

async function loadFirst(options: PasswordHasherOptions, load: Readonly<Record<PasswordHashLibrary, Load>>) {
  const candidates: readonly PasswordHashLibrary[] = options.library === 'auto' ? ['node-rs', 'node-argon2'] : [options.library];
  let cause: unknown;
  for (const library of candidates) {
    try {
      const hasher = await load[library](options.parameters);
      await hasher.hash(new Secret(randomBytes(32).toString('base64url')));
      return { hasher, library, fallbackCause: cause };
    } catch (error) {
      cause = error;
    }
  }
  throw new StartupError(
    `No password hashing library works here (tried ${candidates.join(', ')}).`,
    'Install the dependencies on this machine with `npm ci`, and set PASSWORD_HASHER=auto.',
    { cause },
  );
}
