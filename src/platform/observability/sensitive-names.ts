/** Words that mark a name as that of a secret, wherever in the name they stand: `newPassword`, `set-cookie`, `MASTER_KEY`. */
const sensitiveWords = new Set(
  (
    'password passwords passwd pwd passphrase secret secrets token tokens jwt authorization authorisation auth cookie cookies ' +
    'credential credentials key keys hash hashes hashed digest salt pepper otp totp pin passcode code codes signature csrf ' +
    'ciphertext plaintext nonce bearer dpop apikey privatekey accesstoken refreshtoken masterkey verifier'
  ).split(' '),
);

/** Last words that turn such a name into that of a harmless fact: `keyId`, `tokenCount`, `passwordChangedAt`. */
const factWords = new Set(
  'id ids count at seconds ms bytes type kind algorithm alg lifetime length version prefix status changed concurrency max policy'.split(
    ' ',
  ),
);

/** Names whose words look sensitive, but that never hold a secret here: Node's and our error codes, protocol status codes. */
const harmlessNames = new Set(['code', 'statuscode', 'errorcode', 'exitcode', 'graphqlcode', 'countrycode']);

export type NameKind = 'plain' | 'fact' | 'sensitive';

const known = new Map<string, NameKind>();
const mostKnown = 2_000;

function classify(name: string): NameKind {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  const joined = words.join('');
  if (harmlessNames.has(joined)) return 'plain';
  if (!sensitiveWords.has(joined) && !words.some((word) => sensitiveWords.has(word.replace(/\d+$/, '')))) return 'plain';
  return factWords.has(words.at(-1) ?? '') ? 'fact' : 'sensitive';
}

/** What the name of a field says about its value. Answers are remembered: the product has few names and uses them often. */
export function kindOfName(name: string): NameKind {
  const remembered = known.get(name);
  if (remembered !== undefined) return remembered;
  const kind = classify(name.slice(0, 200));
  if (known.size < mostKnown) known.set(name, kind);
  return kind;
}
