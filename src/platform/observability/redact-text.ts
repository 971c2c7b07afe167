/**
 * Takes secrets out of text by their shape, for the places that no field name protects: error messages, stacks, URLs. Each
 * quantifier is bounded, so that no text makes a pattern slow.
 */

export const redacted = '[redacted]';

/** Text longer than this is cut; what follows is lost to the log, never leaked to it. */
const longestText = 16_384;

type Replacement = readonly [pattern: RegExp, by: string];

const secretName =
  '[\\w-]{0,40}(?:password|passwd|passphrase|secret|token|credential|api[_-]?key|private[_-]?key|master[_-]?key)s?';

const replacements: readonly Replacement[] = [
  [/-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----[\s\S]{0,16384}?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----|$)/g, redacted],
  // The same in a JSON Web Key: the private members of RFC 7517 and RFC 7518, 6.
  [/("(?:d|p|q|dp|dq|qi|k)"\s{0,4}:\s{0,4}")[A-Za-z0-9_-]{16,}/g, `$1${redacted}`],
  // Headers that are secret to the end of the line.
  [/\b((?:set-)?cookie|(?:proxy-)?authorization)(["']?\s{0,4}[:=]\s{0,4})[^\r\n]{1,8192}/gi, `$1$2${redacted}`],
  [/\b(bearer|basic|dpop)(\s{1,4})[A-Za-z0-9._~+/=-]{6,}/gi, `$1$2${redacted}`],
  // Signed or encrypted tokens in compact form (RFC 7515, 7.1; RFC 7516, 7.1).
  [/eyJ[A-Za-z0-9_-]{4,1024}(?:\.[A-Za-z0-9_-]*){1,4}/g, redacted],
  // Password hashes in PHC string format, and those of bcrypt.
  [/\$(?:argon2[a-z]{0,2}|scrypt|pbkdf2[a-z0-9-]{0,16}|2[abxy])\$[A-Za-z0-9+/=,.$_-]{1,1024}/g, redacted],
  // Credentials in a URL. A password may hold an unescaped slash in connection strings, so there the last @ counts.
  [/\b((?:postgres(?:ql)?|rediss?(?:\+sentinel)?|smtps?|amqps?|mysql):\/\/)[^\s"'<>]{1,1024}@/gi, `$1${redacted}@`],
  [/\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/?#@"'<>]{1,1024}@/gi, `$1${redacted}@`],
  // Our opaque tokens. One capital or digit is demanded, which a long snake_case name such as a constraint's lacks.
  [/[a-z]{3}_(?=[a-z_-]{0,42}[A-Z0-9])[A-Za-z0-9_-]{43,}/g, redacted],
  // Parameters of a query or a fragment.
  [/([#?&;](?:[\w-]{0,40}token|code|password|secret|state|key|otp|nonce)=)[^\s&#"'<>]{1,4096}/gi, `$1${redacted}`],
  // `"password": "..."`, `password: '...'`, `password=...` in text that somebody else composed.
  [
    new RegExp(`\\b(${secretName}\\\\?["']?\\s{0,4}[:=]\\s{0,4})\\\\?"(?:[^"\\\\]|\\\\[^"]){0,4096}\\\\?"?`, 'gi'),
    `$1"${redacted}"`,
  ],
  [new RegExp(`\\b(${secretName}["']?\\s{0,4}[:=]\\s{0,4})'[^']{0,4096}'?`, 'gi'), `$1'${redacted}'`],
  [new RegExp(`\\b(${secretName}["']?\\s{0,4}[:=]\\s{0,4})(?!["'])[^\\s,&}\\])]{1,4096}`, 'gi'), `$1${redacted}`],
  // 32 bytes on their own: keys and hashes of tokens as base64url, base64 or hexadecimal.
  [/(?<![A-Za-z0-9_+/-])(?=[a-z_-]{0,42}[A-Z0-9])[A-Za-z0-9_+/-]{43}=?(?![A-Za-z0-9_+/=-])/g, redacted],
  [/(?<![0-9a-fA-F])[0-9a-fA-F]{64}(?![0-9a-fA-F])/g, redacted],
  // E-mail addresses: personal data, which no line needs. Ids say who it was.
  [/[^\s@"'`<>()[\]{},;:=\\/]{1,64}@(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}[\p{L}\p{N}-]{1,62}/gu, '[address]'],
];

// Every replacement needs one of these; most log text has none and is done after this one look.
const suspicious =
  /PRIVATE KEY|cookie|authorization|bearer|basic|dpop|eyJ|\$|:\/\/|[#?&;]|passw|passphrase|secret|token|credential|key|@|"[dpqk][pqi]?"|[A-Za-z0-9_+/-]{43}/i;

function cut(text: string): string {
  if (text.length <= longestText) return text;
  // Cut between words: half a token would not be recognised any more.
  let end = longestText;
  while (end > 0 && !/\s/.test(text.charAt(end))) end -= 1;
  return `${text.slice(0, end)}[shortened]`;
}

function replaceAll(text: string): string {
  return suspicious.test(text) ? replacements.reduce((rest, [pattern, by]) => rest.replace(pattern, by), text) : text;
}

// Correlation ids, routes and the like, on every line: no pattern above can match text of these characters alone that is
// shorter than the shortest secret without a name beside it.
const plain = /^[a-z0-9/-]*$/;
const longestPlain = 42;

const asciiEscape = /%[2-7][0-9a-f]/gi;

/** Escapes of a URL undone, as far as they are ASCII: `%22password%22%3A` hides a name as well as any cipher. */
function unescaped(text: string): string {
  return text.replace(asciiEscape, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16)));
}

/** The text without anything that has the shape of a secret, cut to 16 KiB. */
export function redactText(text: string): string {
  if (text.length < 8 || (text.length <= longestPlain && plain.test(text))) return text;
  const bounded = cut(text);
  if (bounded.includes('%')) {
    const readable = unescaped(bounded);
    const safe = replaceAll(readable);
    if (safe !== readable) return safe;
  }
  return replaceAll(bounded);
}
