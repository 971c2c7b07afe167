import type { Tx } from '#platform/db/index.ts';
import type { SigningKeyRecord } from './signing-key.ts';

export interface SigningKeyStore {
  /** Keys that are still published at `now`. */
  listPublished(now: Date): Promise<SigningKeyRecord[]>;
  /** The same inside a transaction that no other node's rotation runs beside. */
  lockAndList(tx: Tx, now: Date): Promise<SigningKeyRecord[]>;
  insert(tx: Tx, key: SigningKeyRecord): Promise<void>;
  /** Removes keys that are published no more, and with them the last of their private halves. */
  deleteExpired(now: Date): Promise<void>;
}
