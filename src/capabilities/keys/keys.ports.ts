import type { Tx } from '#platform/db/index.ts';
import type { SigningKeyRecord } from './signing-key.ts';

export interface MasterKeyCheckStore {
  /** The sealed text of this database; null when there is none yet, or not even a table for it. */
  find(): Promise<Buffer | null>;
  /** Keeps `sealed` unless there is one: of several nodes that start at once the first one's stays. */
  insertFirst(sealed: Buffer, at: Date): Promise<void>;
  /** The private half of any signing key, published or not, from before there was a sealed text; null for none. */
  findSealedKey(): Promise<{ readonly id: string; readonly privateKeySealed: Buffer } | null>;
}

export interface SigningKeyStore {
  /** Keys that are still published at `now`. */
  listPublished(now: Date): Promise<SigningKeyRecord[]>;
  /** The same inside a transaction that no other node's rotation runs beside. */
  lockAndList(tx: Tx, now: Date): Promise<SigningKeyRecord[]>;
  insert(tx: Tx, key: SigningKeyRecord): Promise<void>;
  /** Removes keys that are published no more, and with them the last of their private halves. */
  deleteExpired(now: Date): Promise<void>;
}
