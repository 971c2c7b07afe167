import { randomBytes } from 'node:crypto';
import type { Clock } from '#kernel/clock.ts';
import { Secret } from '#kernel/secret.ts';
import { createSealer, type Sealer } from '#platform/crypto/index.ts';
import type { HotTx } from '#platform/db/index.ts';
import type { SealedPersonalData, SubjectKeyStore } from './events.ports.ts';
import type { PersonalData } from './security-event.ts';

const keyBytes = 32;
const cacheEntries = 10_000;
// A key that another node destroyed is used here for no longer than this.
const cacheLifetimeMs = 60_000;

export interface PersonalCipherDeps {
  readonly store: SubjectKeyStore;
  readonly masterKey: Secret<Buffer>;
  readonly clock: Clock;
}

export interface PersonalCipher {
  /** Encrypts under the key of `keyId`, made on first use; null when that key was destroyed: nothing is kept then. */
  seal(tx: HotTx, keyId: string, eventId: string, personal: PersonalData): Promise<SealedPersonalData | null>;
  /** Null when the key was destroyed: the person was erased. */
  open(sealed: SealedPersonalData, eventId: string): Promise<PersonalData | null>;
}

/** Envelope encryption: a data key per subject, wrapped under the master key. */
export function createPersonalCipher({ store, masterKey, clock }: PersonalCipherDeps): PersonalCipher {
  const wrapper = createSealer(masterKey, 'subject-key');
  const cache = new Map<string, { readonly sealer: Sealer; readonly until: number }>();

  function cached(keyId: string): Sealer | undefined {
    const entry = cache.get(keyId);
    if (entry && entry.until > clock.now().getTime()) return entry.sealer;
    cache.delete(keyId);
    return undefined;
  }

  function unwrap(keyId: string, wrappedKey: Buffer): Sealer {
    return createSealer(new Secret(wrapper.open(wrappedKey, keyId)), 'event-personal-data');
  }

  function remember(keyId: string, sealer: Sealer): Sealer {
    const oldest = cache.size >= cacheEntries ? cache.keys().next().value : undefined;
    if (oldest !== undefined) cache.delete(oldest);
    cache.set(keyId, { sealer, until: clock.now().getTime() + cacheLifetimeMs });
    return sealer;
  }

  async function obtain(tx: HotTx, keyId: string): Promise<Sealer | null> {
    const known = cached(keyId);
    if (known) return known;
    const fresh = wrapper.seal(randomBytes(keyBytes), keyId);
    const { wrappedKey, created } = await store.obtain(keyId, fresh, clock.now(), tx);
    if (!wrappedKey) return null;
    const sealer = unwrap(keyId, wrappedKey);
    // A key made in this transaction may still be rolled back: only one that was read is remembered.
    return created ? sealer : remember(keyId, sealer);
  }

  return {
    seal: async (tx, keyId, eventId, personal) => {
      const sealer = await obtain(tx, keyId);
      return sealer && { keyId, ciphertext: sealer.seal(Buffer.from(JSON.stringify(personal)), eventId) };
    },
    open: async (sealed, eventId) => {
      const known = cached(sealed.keyId);
      const wrappedKey = known ? null : await store.find(sealed.keyId);
      const sealer = known ?? (wrappedKey && remember(sealed.keyId, unwrap(sealed.keyId, wrappedKey)));
      return sealer ? (JSON.parse(sealer.open(sealed.ciphertext, eventId).toString()) as PersonalData) : null;
    },
  };
}
