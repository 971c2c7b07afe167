import { createHmac, createPublicKey, generateKeyPairSync, type JsonWebKey, type KeyObject, sign } from 'node:crypto';

/** Tokens as an attacker makes them: from a good token, the published key and imagination. None may ever be accepted. */
export interface ForgedToken {
  readonly name: string;
  readonly token: string;
}

type JsonObject = Readonly<Record<string, unknown>>;

export interface ForgeOptions {
  /** A token that is accepted as it is: three base64url parts. */
  readonly goodToken: string;
  /** The public key that it was signed under, as it is published. */
  readonly publicJwk: JsonObject;
  /** Where `jku` and `x5u` point to: a server of the test that counts visits, so that it can assert that there were none. */
  readonly lureUrl?: string;
}

const encode = (value: string | Buffer) => Buffer.from(value).toString('base64url');
const encodeJson = (value: unknown) => encode(JSON.stringify(value));

/** All forgeries, by name. The claims in them are those of the good token, so nothing but the forgery can be what is refused. */
export function forgeTokens({
  goodToken,
  publicJwk,
  lureUrl = 'https://keys.attacker.example/jwks.json',
}: ForgeOptions): ForgedToken[] {
  const [headerPart = '', payloadPart = '', signaturePart = ''] = goodToken.split('.');
  const header = JSON.parse(Buffer.from(headerPart, 'base64url').toString()) as JsonObject;
  const material: Material = { headerPart, payloadPart, signaturePart, header, publicJwk, lureUrl, goodToken };
  return [
    ...unsigned(material),
    ...hmacInsteadOfSignature(material),
    ...keysThatTheTokenBrings(material),
    ...keyIds(material),
    ...brokenSignatures(material),
    ...tampered(material),
    ...encodings(material),
  ];
}

interface Material {
  readonly headerPart: string;
  readonly payloadPart: string;
  readonly signaturePart: string;
  readonly header: JsonObject;
  readonly publicJwk: JsonObject;
  readonly lureUrl: string;
  readonly goodToken: string;
}

function unsigned({ header, payloadPart, signaturePart, headerPart }: Material): ForgedToken[] {
  const spellings = ['none', 'None', 'NONE', 'nOnE', 'none ', ' none', 'none\0', '', null, false, 0, [], ['none'], {}];
  return [
    ...spellings.flatMap((alg) => [
      { name: `alg ${JSON.stringify(alg)}, no signature`, token: `${encodeJson({ ...header, alg })}.${payloadPart}.` },
      {
        name: `alg ${JSON.stringify(alg)}, old signature`,
        token: `${encodeJson({ ...header, alg })}.${payloadPart}.${signaturePart}`,
      },
    ]),
    { name: 'alg none, no last dot', token: `${encodeJson({ ...header, alg: 'none' })}.${payloadPart}` },
    { name: 'no alg at all', token: `${encodeJson({ ...header, alg: undefined })}.${payloadPart}.${signaturePart}` },
    { name: 'signature taken off', token: `${headerPart}.${payloadPart}.` },
    { name: 'signature and its dot taken off', token: `${headerPart}.${payloadPart}` },
    { name: 'null signature', token: `${headerPart}.${payloadPart}.${encode('null')}` },
    { name: 'signature of one zero byte', token: `${headerPart}.${payloadPart}.AA` },
  ];
}

const guessedSecrets = [
  '',
  'secret',
  'password',
  'changeme',
  'key',
  'jwt',
  'your-256-bit-secret',
  'supersecret',
  'sallyport',
  '0',
  '\0',
  'null',
  'undefined',
];

function hmacInsteadOfSignature({ header, payloadPart, publicJwk }: Material): ForgedToken[] {
  const publicKey = createPublicKey({ key: publicJwk as JsonWebKey, format: 'jwk' });
  const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString();
  const spellings: Readonly<Record<string, string | Buffer>> = {
    'the PEM': pem,
    'the PEM without its last line break': pem.trimEnd(),
    'the PEM with CRLF': pem.replaceAll('\n', '\r\n'),
    'the PEM without armour': pem.replace(/-----.*-----\n?/g, ''),
    'the DER': publicKey.export({ format: 'der', type: 'spki' }),
    'the JWK': JSON.stringify(publicJwk),
    'the raw x': Buffer.from(String(publicJwk['x'] ?? publicJwk['n']), 'base64url'),
    'the kid': String(publicJwk['kid']),
  };
  const hmac = (alg: string, secret: string | Buffer): string => {
    const signed = `${encodeJson({ ...header, alg })}.${payloadPart}`;
    return `${signed}.${encode(
      createHmac(`sha${alg.slice(2)}`, secret)
        .update(signed)
        .digest(),
    )}`;
  };
  return [
    ...Object.entries(spellings).map(([spelling, secret]) => ({
      name: `HS256 with ${spelling} of the public key`,
      token: hmac('HS256', secret),
    })),
    ...['HS384', 'HS512'].map((alg) => ({ name: `${alg} with the PEM of the public key`, token: hmac(alg, pem) })),
    ...guessedSecrets.map((secret) => ({
      name: `HS256 with the secret ${JSON.stringify(secret)}`,
      token: hmac('HS256', secret),
    })),
    { name: 'HS256 with 32 zero bytes', token: hmac('HS256', Buffer.alloc(32)) },
    hmacUnderTheTrueName(header, payloadPart, pem),
  ];
}

/** The algorithm's name is left as it is, the signature is an HMAC as long as a true one. */
function hmacUnderTheTrueName(header: JsonObject, payloadPart: string, secret: string): ForgedToken {
  const signed = `${encodeJson(header)}.${payloadPart}`;
  return {
    name: 'an HMAC under the true alg',
    token: `${signed}.${encode(createHmac('sha512', secret).update(signed).digest())}`,
  };
}

function keysThatTheTokenBrings({ header, payloadPart, lureUrl }: Material): ForgedToken[] {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = { ...pair.publicKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig' };
  const certificate = pair.publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
  const { kid } = header;
  const mine = (extra: JsonObject) => signByAttacker({ ...header, alg: 'ES256', ...extra }, payloadPart, pair.privateKey);
  const ed = generateKeyPairSync('ed25519');
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return [
    { name: "the attacker's key under the true kid", token: mine({}) },
    {
      name: "the attacker's Ed25519 key under the true kid",
      token: signByAttacker({ ...header, alg: 'EdDSA' }, payloadPart, ed.privateKey),
    },
    {
      name: "the attacker's RSA key under the true kid",
      token: signByAttacker({ ...header, alg: 'RS256' }, payloadPart, rsa.privateKey),
    },
    { name: 'no kid', token: mine({ kid: undefined }) },
    { name: 'embedded jwk', token: mine({ jwk }) },
    { name: 'embedded jwk with the true kid', token: mine({ jwk: { ...jwk, kid } }) },
    { name: 'embedded jwk, no kid', token: mine({ jwk, kid: undefined }) },
    { name: 'embedded jwks', token: mine({ jwks: { keys: [{ ...jwk, kid }] } }) },
    { name: 'jku', token: mine({ jku: lureUrl }) },
    { name: 'jku, no kid', token: mine({ jku: lureUrl, kid: undefined }) },
    { name: 'x5u', token: mine({ x5u: lureUrl }) },
    { name: 'x5u, no kid', token: mine({ x5u: lureUrl, kid: undefined }) },
    { name: 'jku to a file', token: mine({ jku: 'file:///dev/null' }) },
    { name: 'x5c', token: mine({ x5c: [certificate] }) },
    { name: 'x5c, no kid', token: mine({ x5c: [certificate], kid: undefined }) },
    { name: 'jku and x5u critical', token: mine({ jku: lureUrl, x5u: lureUrl, crit: ['jku', 'x5u'] }) },
    { name: 'a URL as kid', token: mine({ kid: lureUrl }) },
    { name: "unknown critical extension, the attacker's key", token: mine({ crit: ['x-attacker'], 'x-attacker': true }) },
    { name: "b64 false, the attacker's key", token: mine({ b64: false, crit: ['b64'] }) },
    { name: 'zip', token: mine({ zip: 'DEF' }) },
  ];
}

const hostileKeyIds = [
  '',
  '../../../../../../dev/null',
  '/dev/null',
  'file:///dev/null',
  "' OR '1'='1",
  "' UNION SELECT 'secret';-- ",
  '$(sleep 10)',
  '| sleep 10 |',
  '%00',
  'a\0b',
  '__proto__',
  'constructor',
  '*',
  'x'.repeat(5_000),
  '\r\nX-Injected: 1',
];

function keyIds({ header, payloadPart }: Material): ForgedToken[] {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const odd: readonly unknown[] = [null, 0, true, [header['kid']], { $ne: null }];
  return [...hostileKeyIds, ...odd].flatMap((kid) => {
    const name = JSON.stringify(kid).slice(0, 60);
    // An empty secret is what a verifier ends up with that read its key from /dev/null or found no row.
    const signed = `${encodeJson({ ...header, alg: 'HS256', kid })}.${payloadPart}`;
    return [
      { name: `kid ${name}`, token: signByAttacker({ ...header, alg: 'ES256', kid }, payloadPart, privateKey) },
      { name: `kid ${name}, empty HMAC secret`, token: `${signed}.${encode(createHmac('sha256', '').update(signed).digest())}` },
    ];
  });
}

function brokenSignatures({ headerPart, payloadPart, signaturePart }: Material): ForgedToken[] {
  const signature = Buffer.from(signaturePart, 'base64url');
  const half = signature.length / 2;
  const order = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex');
  const flipped = (at: number) => signature.map((byte, index) => (index === at ? byte ^ 1 : byte));
  const variants: Readonly<Record<string, Uint8Array>> = {
    'all zero r and s': Buffer.alloc(signature.length),
    'r zero': Buffer.concat([Buffer.alloc(half), signature.subarray(half)]),
    's zero': Buffer.concat([signature.subarray(0, half), Buffer.alloc(half)]),
    'r and s one': Buffer.concat([oneIn(half), oneIn(half)]),
    'r and s the order of the curve': Buffer.concat([order, order]),
    's plus the order of edwards25519': Buffer.concat([signature.subarray(0, half), plusOrder(signature.subarray(half))]),
    'all bits set': Buffer.alloc(signature.length, 0xff),
    'r and s swapped': Buffer.concat([signature.subarray(half), signature.subarray(0, half)]),
    'first bit flipped': flipped(0),
    'last bit flipped': flipped(signature.length - 1),
    'one byte less': signature.subarray(0, -1),
    'one byte more': Buffer.concat([signature, Buffer.alloc(1)]),
    'a zero byte in front': Buffer.concat([Buffer.alloc(1), signature]),
    'twice in a row': Buffer.concat([signature, signature]),
    random: Buffer.from(signature.map((byte, index) => (byte * 31 + index * 17 + 7) & 0xff)),
    'DER of zeros': Buffer.from('3006020100020100', 'hex'),
  };
  return Object.entries(variants).map(([name, bytes]) => ({
    name: `signature: ${name}`,
    token: `${headerPart}.${payloadPart}.${encode(Buffer.from(bytes))}`,
  }));
}

/** A little-endian number plus the order of edwards25519: the same signature to a verifier that forgets the range check of RFC 8032, 5.1.7. */
function plusOrder(scalar: Buffer): Buffer {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const sum = BigInt(`0x${Buffer.from(scalar).reverse().toString('hex')}`) + order;
  return Buffer.from(sum.toString(16).padStart(2 * scalar.length, '0'), 'hex').reverse();
}

function oneIn(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  bytes[length - 1] = 1;
  return bytes;
}

function tampered({ header, headerPart, payloadPart, signaturePart }: Material): ForgedToken[] {
  const payload = JSON.parse(Buffer.from(payloadPart, 'base64url').toString()) as JsonObject;
  const payloadText = JSON.stringify(payload);
  const withPayload = (text: string) => `${headerPart}.${encode(text)}.${signaturePart}`;
  const withHeader = (text: string) => `${encode(text)}.${payloadPart}.${signaturePart}`;
  const claims: readonly JsonObject[] = [
    { sub: 'usr_admin' },
    { exp: 9_999_999_999 },
    { iss: 'https://attacker.example' },
    { aud: 'https://attacker.example' },
    { scope: 'admin' },
    { iat: 0 },
    { nbf: 0 },
    { jti: 'other' },
  ];
  return [
    ...claims.map((claim) => ({
      name: `claim ${JSON.stringify(claim)}`,
      token: withPayload(JSON.stringify({ ...payload, ...claim })),
    })),
    { name: 'duplicate claim behind', token: withPayload(payloadText.replace(/}$/, ',"sub":"usr_admin"}')) },
    { name: 'duplicate claim in front', token: withPayload(payloadText.replace(/^{/, '{"sub":"usr_admin",')) },
    { name: 'payload with white space', token: withPayload(JSON.stringify(payload, null, 1)) },
    { name: 'empty payload', token: `${headerPart}..${signaturePart}` },
    { name: 'payload null', token: withPayload('null') },
    { name: 'header typ JWT', token: withHeader(JSON.stringify({ ...header, typ: 'JWT' })) },
    { name: 'header without typ', token: withHeader(JSON.stringify({ ...header, typ: undefined })) },
    { name: 'duplicate alg', token: withHeader(JSON.stringify(header).replace(/}$/, ',"alg":"none"}')) },
    { name: 'duplicate alg, escaped', token: withHeader(JSON.stringify(header).replace(/}$/, ',"\\u0061lg":"none"}')) },
    { name: 'header with white space', token: withHeader(JSON.stringify(header, null, 1)) },
    { name: 'empty header', token: `.${payloadPart}.${signaturePart}` },
    { name: 'header null', token: withHeader('null') },
    { name: 'header an array', token: withHeader(JSON.stringify([header])) },
    { name: 'header and payload swapped', token: `${payloadPart}.${headerPart}.${signaturePart}` },
  ];
}

function encodings({ goodToken, headerPart, payloadPart, signaturePart, header }: Material): ForgedToken[] {
  const json = { payload: payloadPart, protected: headerPart, signature: signaturePart };
  return [
    { name: 'nothing but dots', token: '..' },
    { name: 'cut by one character', token: goodToken.slice(0, -1) },
    { name: 'cut in half', token: goodToken.slice(0, goodToken.length / 2) },
    { name: 'without its first character', token: goodToken.slice(1) },
    { name: 'a fourth part', token: `${goodToken}.${signaturePart}` },
    { name: 'five parts, as a JWE', token: `${goodToken}.${signaturePart}.${signaturePart}` },
    { name: 'a dot in front', token: `.${goodToken}` },
    { name: 'a dot behind', token: `${goodToken}.` },
    { name: 'twice in a row', token: `${goodToken}.${goodToken}` },
    { name: 'padding on every part', token: `${headerPart}=.${payloadPart}=.${signaturePart}==` },
    { name: 'padding on the signature', token: `${goodToken}==` },
    {
      name: 'white space in the header',
      token: `${headerPart.slice(0, 4)} ${headerPart.slice(4)}.${payloadPart}.${signaturePart}`,
    },
    {
      name: 'white space in the payload',
      token: `${headerPart}.${payloadPart.slice(0, 4)} ${payloadPart.slice(4)}.${signaturePart}`,
    },
    {
      name: 'white space in the signature',
      token: `${headerPart}.${payloadPart}.${signaturePart.slice(0, 4)} ${signaturePart.slice(4)}`,
    },
    {
      name: 'a foreign character in the signature',
      token: `${headerPart}.${payloadPart}.${signaturePart.slice(0, 4)}*${signaturePart.slice(4)}`,
    },
    { name: 'stray trailing bits in the signature', token: `${goodToken.slice(0, -1)}${nextLetter(goodToken.at(-1) ?? 'A')}` },
    { name: 'lower case', token: goodToken.toLowerCase() },
    { name: 'JSON serialization, flattened', token: JSON.stringify(json) },
    { name: 'JSON serialization, base64url', token: encodeJson({ payload: payloadPart, signatures: [json] }) },
    { name: '1 MB of payload', token: `${headerPart}.${'A'.repeat(1_000_000)}.${signaturePart}` },
    {
      name: '1 MB of header',
      token: `${encodeJson({ ...header, filler: 'x'.repeat(750_000) })}.${payloadPart}.${signaturePart}`,
    },
    { name: '1 MB of dots', token: '.'.repeat(1_000_000) },
    { name: '1 MB of open brackets', token: `${encode('['.repeat(750_000))}.${payloadPart}.${signaturePart}` },
  ];
}

/** The next letter of the alphabet: with 64-byte signatures its bits differ only where no byte of the signature is. */
function nextLetter(letter: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return alphabet[alphabet.indexOf(letter) + 1] ?? 'A';
}

function signByAttacker(header: JsonObject, payloadPart: string, privateKey: KeyObject): string {
  const signed = Buffer.from(`${encodeJson(header)}.${payloadPart}`);
  const signature =
    privateKey.asymmetricKeyType === 'ec'
      ? sign('sha256', signed, { key: privateKey, dsaEncoding: 'ieee-p1363' })
      : privateKey.asymmetricKeyType === 'rsa'
        ? sign('sha256', signed, privateKey)
        : sign(null, signed, privateKey);
  return `${signed}.${encode(signature)}`;
}
