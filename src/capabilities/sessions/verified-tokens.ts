import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { KeyRing } from '#capabilities/keys/index.ts';
import { type Clock, clockToleranceSeconds } from '#kernel/clock.ts';
import type { SessionId } from '#kernel/ids.ts';
import { type JwtClaims, type JwtTimes, timeProblem, type VerificationKey } from '#platform/crypto/index.ts';

/** What the full verification of a token gave. */
export interface VerifiedToken {
  readonly claims: JwtClaims & { readonly sid: SessionId };
  readonly key: VerificationKey;
}

export interface VerifiedTokensDeps {
  /** The full verification. Throws for every token that is not good. */
  readonly verify: (token: string) => Promise<VerifiedToken>;
  readonly keyRing: Pick<KeyRing, 'verificationKey'>;
  readonly clock: Clock;
  /** Tokens that are kept at most; 0 keeps none. */
  readonly maxEntries: number;
}

export interface VerifiedTokens {
  /** The session that a token names. Throws what `verify` throws. */
  sessionOf(token: string): Promise<SessionId>;
  stats(): { readonly hits: number; readonly misses: number; readonly entries: number };
}

interface Entry {
  readonly sessionId: SessionId;
  readonly key: VerificationKey;
  readonly times: JwtTimes;
}

// Ours are a twentieth of it; what is longer is not worth a digest.
const longestToken = 16_384;

/**
 * Tokens that this node verified before, so that their signatures are not computed again. Only what can't change is taken as
 * it was: that this very text was signed by this key, for this issuer and audience. Each use still asks whether the key is
 * published and whether the time is right; where one is not so, the full verification decides, as for a token never seen.
 * What was refused is not kept: whoever makes tokens up displaces none. Whether the session lives is not known here.
 */
export function createVerifiedTokens({ verify, keyRing, clock, maxEntries }: VerifiedTokensDeps): VerifiedTokens {
  const entries = maxEntries > 0 ? new LRUCache<string, Entry>({ max: maxEntries }) : undefined;
  let hits = 0;
  let misses = 0;

  async function isGood({ key, times }: Entry): Promise<boolean> {
    // The very key, not one of the same name.
    if ((await keyRing.verificationKey(key.kid ?? '')) !== key) return false;
    return timeProblem(times, { now: clock.now(), clockToleranceSeconds }) === undefined;
  }

  return {
    sessionOf: async (token) => {
      if (entries === undefined || token.length > longestToken) return (await verify(token)).claims.sid;
      const place = placeOf(token);
      const known = entries.get(place);
      if (known !== undefined) {
        if (await isGood(known)) {
          hits += 1;
          return known.sessionId;
        }
        entries.delete(place);
      }
      misses += 1;
      const { claims, key } = await verify(token);
      entries.set(place, { sessionId: claims.sid, key, times: timesOf(claims) });
      return claims.sid;
    },
    stats: () => ({ hits, misses, entries: entries?.size ?? 0 }),
  };
}

/** No more of the claims than that: the rest would stay in memory for nothing. */
function timesOf({ exp, nbf, iat }: JwtTimes): JwtTimes {
  return { exp, ...(nbf === undefined ? {} : { nbf }), ...(iat === undefined ? {} : { iat }) };
}

/**
 * By its SHA-256, never by the token: memory and its dumps show no credential, an entry is small, and nobody who chooses a
 * token chooses what it is compared with. Of its UTF-8, since in Latin-1 different characters would be the same byte.
 */
function placeOf(token: string): string {
  return hash('sha256', token, 'base64url');
}
