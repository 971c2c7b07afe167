import type { Clock } from '#kernel/clock.ts';
import type { Secret } from '#kernel/secret.ts';
import { createSealer, SealBrokenError } from '#platform/crypto/index.ts';
import type { MasterKeyCheckStore } from '../keys.ports.ts';

export interface CheckMasterKeyDeps {
  readonly store: MasterKeyCheckStore;
  readonly masterKey: Secret<Buffer>;
  readonly clock: Clock;
}

/** What signing keys are sealed for. */
export const signingKeyPurpose = 'signing-key';
const purpose = 'master-key-check';
const context = 'master-key';
const knownText = Buffer.from('sallyport');

/**
 * Whether this database was made with another master key. Writes nothing, and may be asked before the migrations: a
 * database without a sealed text was made with none yet.
 */
export async function checkMasterKey({ store, masterKey }: Omit<CheckMasterKeyDeps, 'clock'>): Promise<'fits' | 'other'> {
  const sealed = await store.find();
  return sealed === null || opens(createSealer(masterKey, purpose), sealed, context) ? 'fits' : 'other';
}

/**
 * Binds the database to this master key unless it is bound already, and tells whether it is bound to this one. Safe on nodes
 * that start at once with different keys: one of the keys wins. A database from before there was a sealed text is judged by
 * a signing key of its own.
 */
export async function establishMasterKey({ store, masterKey, clock }: CheckMasterKeyDeps): Promise<'fits' | 'other'> {
  if ((await store.find()) === null) {
    const key = await store.findSealedKey();
    if (key && !opens(createSealer(masterKey, signingKeyPurpose), key.privateKeySealed, key.id)) return 'other';
    await store.insertFirst(createSealer(masterKey, purpose).seal(knownText, context), clock.now());
  }
  return checkMasterKey({ store, masterKey });
}

function opens(sealer: ReturnType<typeof createSealer>, sealed: Buffer, of: string): boolean {
  try {
    sealer.open(sealed, of);
    return true;
  } catch (error) {
    if (error instanceof SealBrokenError) return false;
    throw error;
  }
}
