import type { Clock } from '#kernel/clock.ts';
import {
  importSigningKey,
  importVerificationKey,
  type Sealer,
  type SigningAlgorithm,
  type SigningKey,
  type VerificationKey,
} from '#platform/crypto/index.ts';
import type { SigningKeyStore } from './keys.ports.ts';
import { activeKey, type SigningKeyRecord } from './signing-key.ts';

export interface JsonWebKeySet {
  readonly keys: readonly Readonly<Record<string, unknown>>[];
}

/** The deployment's keys, as this node knows them. */
export interface KeyRing {
  /** The key that signs now. */
  signingKey(): Promise<SigningKey>;
  /**
   * The published key of this `kid`: the same object for as long as it is published unchanged. A `kid` not seen before makes
   * it look again, at most once in two seconds.
   */
  verificationKey(kid: string): Promise<VerificationKey | undefined>;
  /** What `/.well-known/jwks.json` answers (RFC 7517, 5). While the database is away: the keys that were known before. */
  jwks(): Promise<JsonWebKeySet>;
  /** Forgets what was read, after a rotation. */
  refresh(): void;
}

export interface KeyRingDeps {
  readonly store: Pick<SigningKeyStore, 'listPublished'>;
  readonly sealer: Sealer;
  readonly clock: Clock;
}

// Far below the least overlap that the configuration allows, so that a successor is known everywhere before it signs.
const cacheMs = 30_000;
const unknownKidMs = 2_000;

interface Loaded {
  readonly at: number;
  readonly records: readonly SigningKeyRecord[];
}

interface PublishedKey {
  readonly key: VerificationKey;
  readonly jwk: string;
  readonly expiresAt: Date;
}

export function createKeyRing({ store, sealer, clock }: KeyRingDeps): KeyRing {
  let loaded: Loaded | undefined;
  let loading: Promise<Loaded> | undefined;
  const signing = new Map<string, SigningKey>();
  let published: ReadonlyMap<string, PublishedKey> = new Map();

  async function load(): Promise<Loaded> {
    const records = await store.listPublished(clock.now());
    published = new Map(records.map((record) => [record.id as string, publish(record, published.get(record.id))]));
    for (const kid of signing.keys()) if (!published.has(kid)) signing.delete(kid);
    loaded = { at: clock.now().getTime(), records };
    return loaded;
  }

  function find(kid: string, now: Date): VerificationKey | undefined {
    const known = published.get(kid);
    return known && known.expiresAt > now ? known.key : undefined;
  }

  function isFresh(now: Date, maxAgeMs = cacheMs): boolean {
    return loaded !== undefined && now.getTime() - loaded.at < maxAgeMs;
  }

  async function current(maxAgeMs = cacheMs): Promise<Loaded> {
    if (loaded && isFresh(clock.now(), maxAgeMs)) return loaded;
    loading ??= load().finally(() => {
      loading = undefined;
    });
    return loading;
  }

  function open(record: SigningKeyRecord): SigningKey {
    const known = signing.get(record.id);
    if (known) return known;
    const algorithm = record.algorithm as SigningAlgorithm;
    const key = importSigningKey({ kid: record.id, algorithm, privateKeyPkcs8: sealer.open(record.privateKeySealed, record.id) });
    signing.set(record.id, key);
    return key;
  }

  return {
    signingKey: async () => {
      const record = activeKey((await current()).records, clock.now());
      if (!record) throw new Error('no signing key is active; rotation has not run');
      return open(record);
    },
    verificationKey: async (kid) => {
      // Every request comes here: as a rule one look at the clock and one at a map.
      const now = clock.now();
      if (!isFresh(now)) await current();
      const key = find(kid, now);
      if (key) return key;
      await current(unknownKidMs);
      return find(kid, clock.now());
    },
    jwks: async () => {
      // Those who verify elsewhere need the keys all the more while we can't be asked anything else. No key is made meanwhile.
      const known = loaded;
      const { records } = await current().catch((error: unknown) => {
        if (!known) throw error;
        return known;
      });
      return { keys: records.filter(({ expiresAt }) => expiresAt > clock.now()).map((record) => record.publicJwk) };
    },
    refresh: () => {
      loaded = undefined;
    },
  };
}

/** Whoever compares keys by identity sees another one as soon as anything of the public half is different. */
function publish({ publicJwk, expiresAt }: SigningKeyRecord, before: PublishedKey | undefined): PublishedKey {
  const jwk = JSON.stringify(publicJwk);
  return { jwk, expiresAt, key: before?.jwk === jwk ? before.key : importVerificationKey(publicJwk) };
}
