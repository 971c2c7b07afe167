/** What a password must not mainly consist of. Everything may be empty; what is empty forbids nothing. */
export interface PersonalWords {
  /** The normalised e-mail address. */
  readonly email: string;
  readonly displayName: string;
  /** The product's or service's own names, the organisation's name and slug. */
  readonly serviceNames: readonly string[];
}

const leastMentioned = 4; // shorter words occur inside others by chance
const leastSole = 2;

/**
 * Whether a password is made of a person's own data or the service's name. The words are: the whole e-mail address, its
 * local part, its domain, the display name, each service name, and of all these each part between spaces and punctuation.
 * Compared without case, diacritics and width. Refused is a password
 * 1. whose letters are nothing but such words, one or more, in any order (`AdaLovelace1815!`, `ada_ada_ada_2024`), or
 * 2. of which such words, of at least 4 characters each, make up half or more (`lovelace-riding`: 8 of 15).
 * A passphrase that only mentions a name (`my friend ada lovelace likes trains`) is fine. Spelling changed on purpose
 * (`l0vel4ce`) is not looked through.
 */
export function isMadeOfPersonalData(password: string, personal: PersonalWords): boolean {
  const folded = [...fold(password)];
  const words = personalWords(personal);
  const letters = lettersOf(folded.join(''));
  const lettersOnly = new Set(words.map((word) => lettersOf(word)).filter((word) => [...word].length >= leastSole));
  if (letters !== '' && isTiledBy(letters, lettersOnly)) return true;

  const compact = onlyWordCharacters(folded.join(''));
  const mentioned = words.filter((word) => [...word].length >= leastMentioned);
  return coveredLength(compact, mentioned) * 2 >= folded.length && folded.length > 0;
}

function personalWords({ email, displayName, serviceNames }: PersonalWords): string[] {
  const at = email.lastIndexOf('@');
  const phrases = [email, email.slice(0, Math.max(at, 0)), email.slice(at + 1), displayName, ...serviceNames];
  const words = phrases.flatMap((phrase) => {
    const folded = fold(phrase);
    return [onlyWordCharacters(folded), ...folded.split(/[^\p{L}\p{M}\p{N}]+/u)];
  });
  return [...new Set(words)].filter((word) => word !== '');
}

/** Lower case, compatibility forms and the diacritics of Latin, Greek and Cyrillic folded away; scripts' own marks stay. */
function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .normalize('NFKC');
}

function onlyWordCharacters(text: string): string {
  return text.replace(/[^\p{L}\p{M}\p{N}]/gu, '');
}

function lettersOf(text: string): string {
  return text.replace(/[^\p{L}\p{M}]/gu, '');
}

/** Whether the text can be cut into words of the set without a rest. */
function isTiledBy(text: string, words: ReadonlySet<string>): boolean {
  const reachable = new Set([0]);
  for (let place = 0; place < text.length; place += 1) {
    if (!reachable.has(place)) continue;
    for (const word of words) if (text.startsWith(word, place)) reachable.add(place + word.length);
  }
  return reachable.has(text.length);
}

/** How many code points of the text belong to an occurrence of any of the words; overlaps count once. */
function coveredLength(text: string, words: readonly string[]): number {
  const covered = new Set<number>();
  for (const word of words) {
    for (let place = text.indexOf(word); place >= 0; place = text.indexOf(word, place + 1)) {
      for (let offset = 0; offset < word.length; offset += 1) covered.add(place + offset);
    }
  }
  // The second half of a surrogate pair is no code point of its own.
  return [...covered].filter((place) => !/^[\udc00-\udfff]$/.test(text.charAt(place))).length;
}
