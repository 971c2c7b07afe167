import { createHash } from 'node:crypto';
import { Secret } from '#kernel/secret.ts';
import type { Password } from './password.ts';

/** A list of passwords that are known to be in use by attackers, as truncated hashes. */
export interface BreachedPasswords {
  /** How many entries the list has. */
  readonly count: number;
  /**
   * Whether the whole password, or whole text, is listed in any case. Never a false no. A false yes has the probability
   * count / 2^(8 × width) a look-up: with 550,000 entries of 5 octets one in two million.
   */
  has(candidate: Password | string): boolean;
}

/*
 * The file: magic (4 octets), version (1), width of an entry (1), two zero octets, count (4, big-endian), SHA-256 over the
 * entries (32); then the entries: the first `width` octets of SHA-256(UTF-8(foldForScreening(password))), ascending, each once.
 */
const magic = Buffer.from('SPBP', 'latin1');
const version = 1;
const headerLength = 44;
const widths = { least: 4, greatest: 6 }; // 6 octets are what readUIntBE gives as one exact number
export const defaultEntryWidth = 5;

/** The form that lists are compared in: NFC and lower case, so that `PassWord` is as listed as `password`. */
export function foldForScreening(text: string): string {
  return text.normalize('NFC').toLowerCase().normalize('NFC');
}

/** Thrown on a file that is none of ours, or was cut short or changed. */
export class BreachedPasswordsFormatError extends Error {
  override readonly name = 'BreachedPasswordsFormatError';
}

/**
 * Opens a list over the octets of its file, without copying them: look-ups are a binary search in the buffer itself, so the
 * list costs the memory of its file. The octets must not change afterwards. Throws BreachedPasswordsFormatError.
 */
export function loadBreachedPasswords(bytes: Buffer): BreachedPasswords {
  const { width, count } = readHeader(bytes);
  const entries = bytes.subarray(headerLength);
  const entryAt = (index: number) => entries.readUIntBE(index * width, width);
  for (let index = 1; index < count; index += 1) {
    if (entryAt(index - 1) >= entryAt(index)) throw new BreachedPasswordsFormatError('its entries are not in ascending order');
  }
  const has = (candidate: Password | string): boolean => {
    const text = candidate instanceof Secret ? candidate.reveal() : candidate;
    const wanted = entryOf(text, width).readUIntBE(0, width);
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (entryAt(middle) < wanted) low = middle + 1;
      else high = middle;
    }
    return low < count && entryAt(low) === wanted;
  };
  return { count, has };
}

/** The octets of a list file that holds these passwords, in any order and with repetitions. */
export function encodeBreachedPasswords(passwords: Iterable<string>, width: number = defaultEntryWidth): Buffer {
  if (!Number.isInteger(width) || width < widths.least || width > widths.greatest) {
    throw new RangeError(`an entry has ${widths.least} to ${widths.greatest} octets`);
  }
  const unique = new Set<number>();
  for (const password of passwords) unique.add(entryOf(password, width).readUIntBE(0, width));
  const sorted = Float64Array.from(unique).sort(); // a typed array sorts by number
  const entries = Buffer.alloc(sorted.length * width);
  for (const [index, entry] of sorted.entries()) entries.writeUIntBE(entry, index * width, width);

  const header = Buffer.alloc(headerLength);
  magic.copy(header);
  header.writeUInt8(version, 4);
  header.writeUInt8(width, 5);
  header.writeUInt32BE(sorted.length, 8);
  sha256(entries).copy(header, 12);
  return Buffer.concat([header, entries]);
}

function readHeader(bytes: Buffer): { width: number; count: number } {
  if (bytes.length < headerLength || !bytes.subarray(0, 4).equals(magic)) {
    throw new BreachedPasswordsFormatError('it does not begin like a list of breached passwords');
  }
  const found = bytes.readUInt8(4);
  if (found !== version) throw new BreachedPasswordsFormatError(`it has format version ${found}; this release reads ${version}`);
  const width = bytes.readUInt8(5);
  const count = bytes.readUInt32BE(8);
  if (width < widths.least || width > widths.greatest)
    throw new BreachedPasswordsFormatError(`its entries claim ${width} octets`);
  if (count === 0) throw new BreachedPasswordsFormatError('it is empty');
  if (bytes.length !== headerLength + count * width) {
    throw new BreachedPasswordsFormatError(`it should have ${headerLength + count * width} octets but has ${bytes.length}`);
  }
  if (!sha256(bytes.subarray(headerLength)).equals(bytes.subarray(12, headerLength))) {
    throw new BreachedPasswordsFormatError('its entries do not match its checksum');
  }
  return { width, count };
}

function entryOf(text: string, width: number): Buffer {
  return sha256(Buffer.from(foldForScreening(text), 'utf8')).subarray(0, width);
}

function sha256(data: Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}
