/**
 * Long passwords that are weak although no list holds them: everything here judges the password as a whole, so that a
 * passphrase is never refused for a word in it. All functions take the folded form (`foldForScreening`).
 */

// Orders that fingers follow. Each is walked both ways and round its end, so 890123 and qwertyuiopasdf count too.
const tracks = [
  '0123456789',
  '!@#$%^&*()',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiopasdfghjklzxcvbnm',
  'qwertzuiopasdfghjklyxcvbnm',
  'azertyuiopqsdfghjklmwxcvbn',
  'qazwsxedcrfvtgbyhnujmikolp',
  '1q2w3e4r5t6y7u8i9o0p',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
].map((track) => new Map([...track].map((character, place) => [character, place])));

const shortestWalk = 3;
const shortestRun = 2;
const maxLoose = 4;
const shortUnit = 8; // the least password length of all (NIST SP 800-63B-4, 3.1.1.2)
const stemLengths = { least: 4, greatest: 64 };
const letter = /[\p{L}\p{M}]/u;

/**
 * Whether the password is trivial:
 * 1. a unit repeated, wholly or with its beginning once more (`passwordpasswor`), where the unit is shorter than 8 code
 *    points, or trivial or listed itself;
 * 2. nothing but padding: walks along the keyboard, alphabet or digits of at least 3 (`1234`, `rewq`), one character
 *    repeated, and at most 4 digits or signs besides (`122333444455555`, `abcdefghijklmno!1`);
 * 3. one listed word of at least 4 code points, a letter among them, with padding before it, behind it or both, at most 4
 *    digits or signs loose in total (`password1234567`, `2024monkey98765432!`). Two words, or a word and five random
 *    digits, are not refused.
 */
export function isTrivial(folded: string, isListed: (text: string) => boolean): boolean {
  const characters = [...folded];
  if (characters.length === 0) return false; // too short is another rule's matter
  const period = smallestPeriod(characters);
  if (period < characters.length) {
    if (period * 2 <= characters.length && period < shortUnit) return true;
    const unit = characters.slice(0, period);
    if (period >= stemLengths.least && (isListed(unit.join('')) || isPadded(unit, isListed))) return true;
  }
  return isPadded(characters, isListed);
}

function isPadded(characters: readonly string[], isListed: (text: string) => boolean): boolean {
  const length = characters.length;
  const before = looseCounts(characters);
  if ((before[length] ?? Infinity) <= maxLoose) return true;
  const after = looseCounts(characters.toReversed());
  for (let start = 0; start < length; start += 1) {
    const loose = before[start] ?? Infinity;
    if (loose > maxLoose) continue;
    for (let end = Math.min(length, start + stemLengths.greatest); end >= start + stemLengths.least; end -= 1) {
      if (loose + (after[length - end] ?? Infinity) > maxLoose) continue;
      const stem = characters.slice(start, end).join('');
      // Short numbers are listed so densely that a random longer one would often seem to be one of them, padded.
      if (letter.test(stem) && isListed(stem)) return true;
    }
  }
  return false;
}

/**
 * For each length n, how many characters of the first n are left over, at best, once the rest is cut into walks and runs;
 * Infinity where a letter would be left over.
 */
function looseCounts(characters: readonly string[]): number[] {
  const reach = longestPieces(characters);
  const counts = [0, ...characters.map(() => Infinity)];
  const improve = (place: number, count: number) => {
    if (count < (counts[place] ?? 0)) counts[place] = count;
  };
  for (const [start, character] of characters.entries()) {
    const count = counts[start] ?? Infinity;
    if (count > maxLoose) continue;
    const { run, walk } = reach[start] ?? { run: 1, walk: 1 };
    for (let size = shortestRun; size <= run; size += 1) improve(start + size, count);
    for (let size = shortestWalk; size <= walk; size += 1) improve(start + size, count);
    if (!letter.test(character)) improve(start + 1, count + 1);
  }
  return counts;
}

/** For each place, how long one character goes on from there, and the longest walk that begins there. */
function longestPieces(characters: readonly string[]): { run: number; walk: number }[] {
  const pieces = characters.map(() => ({ run: 1, walk: 1 }));
  for (const step of [0, 1, -1]) {
    for (const track of step === 0 ? [null] : tracks) {
      let size = 1;
      for (let place = characters.length - 2; place >= 0; place -= 1) {
        size = follows(track, characters[place], characters[place + 1], step) ? size + 1 : 1;
        const piece = pieces[place];
        if (piece === undefined) continue;
        if (track === null) piece.run = size;
        else piece.walk = Math.max(piece.walk, size);
      }
    }
  }
  return pieces;
}

function follows(track: Map<string, number> | null, from = '', to = '', step = 0): boolean {
  if (track === null) return from === to;
  const [here, there] = [track.get(from), track.get(to)];
  return here !== undefined && there !== undefined && (here + step + track.size) % track.size === there;
}

/** The least p > 0 such that each character equals the one p places before it (the failure function of Knuth, Morris, Pratt). */
function smallestPeriod(characters: readonly string[]): number {
  const borders = [0];
  let border = 0;
  for (let place = 1; place < characters.length; place += 1) {
    while (border > 0 && characters[place] !== characters[border]) border = borders[border - 1] ?? 0;
    if (characters[place] === characters[border]) border += 1;
    borders.push(border);
  }
  return characters.length - border;
}
