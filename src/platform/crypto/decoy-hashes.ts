import { randomBytes } from 'node:crypto';
import { formatArgon2id, parseArgon2id } from './argon2-phc.ts';
import type { KeyedHash } from './keyed-hash.ts';
import type { PasswordHashParameters } from './password-hasher.ts';

/** How many of the stored hashes were made at these parameters, as a PHC string has them: `m=19456,t=2,p=1`. */
export interface ParameterShare {
  readonly parameters: string;
  readonly count: number;
}

/**
 * Hashes of no password, to verify a guess against where there is nothing to guess. After the parameters were changed,
 * accounts keep the old ones until their owners sign in: a decoy that always had the new ones would tell who has an account
 * by how long it takes. So each address has parameters of its own, in the proportions of those that are stored.
 */
export interface DecoyHashes {
  /** The decoy for this address: the same each time, until the proportions change. */
  for(address: string): string;
  /** Takes over how the stored hashes are made now. With none stored, decoys have the current parameters. */
  follow(shares: readonly ParameterShare[]): void;
}

const saltBytes = 16;
const tagBytes = 32;

export function createDecoyHashes(keyedHash: KeyedHash, current: PasswordHashParameters): DecoyHashes {
  // Random bytes in place of a hash: as unlikely to be right as any, and they cost as much to compare.
  const newest = formatArgon2id({ parameters: current, salt: randomBytes(saltBytes), tag: randomBytes(tagBytes) });
  const currentText = newest.split('$')[3] ?? '';
  const known = new Map([[currentText, newest]]);
  let total = 1;
  let upTo: readonly { readonly end: number; readonly phc: string }[] = [{ end: 1, phc: newest }];

  function decoyOf(parameters: string): string {
    const made = known.get(parameters);
    if (made !== undefined) return made;
    const [salt, tag] = [saltBytes, tagBytes].map((length) => randomBytes(length).toString('base64').replace(/=+$/, ''));
    const phc = `$argon2id$v=19$${parameters}$${salt}$${tag}`;
    parseArgon2id(phc);
    known.set(parameters, phc);
    return phc;
  }

  return {
    for: (address) => {
      const place = (keyedHash(address).readUIntBE(0, 6) / 2 ** 48) * total;
      return upTo.find(({ end }) => place < end)?.phc ?? newest;
    },
    follow: (shares) => {
      // The current parameters come last: as accounts leave the old ones, each address does so at most once.
      const ordered = shares
        .filter(({ count }) => count > 0)
        .toSorted(
          (a, b) =>
            Number(a.parameters === currentText) - Number(b.parameters === currentText) || (a.parameters < b.parameters ? -1 : 1),
        );
      let end = 0;
      const next = ordered.map(({ parameters, count }) => {
        end += count;
        return { end, phc: decoyOf(parameters) };
      });
      if (next.length > 0) [upTo, total] = [next, end];
    },
  };
}
