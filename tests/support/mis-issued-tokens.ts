import type { ForgedToken } from './forged-tokens.ts';

type JsonObject = Readonly<Record<string, unknown>>;

export interface MisissueOptions {
  /** A token that is accepted as it is. */
  readonly goodToken: string;
  /** Signs header and payload, given as text, with the true key: only a test that holds it can make these. */
  readonly sign: (headerText: string, payloadText: string) => string;
  /** What the verifier takes as the present, in seconds since 1970. */
  readonly nowSeconds: number;
}

/** Tokens with a true signature that must be refused all the same: for another time, place or use, or with a doubtful header. */
export function misissueTokens({ goodToken, sign, nowSeconds }: MisissueOptions): ForgedToken[] {
  const [header, payload] = goodToken.split('.').map((part, index) => (index < 2 ? parse(part) : {})) as [JsonObject, JsonObject];
  const [headerText, payloadText] = [JSON.stringify(header), JSON.stringify(payload)];
  const claims: Readonly<Record<string, JsonObject>> = {
    expired: { exp: nowSeconds - 3_600 },
    'no expiry': { exp: undefined },
    'expiry as text': { exp: String(nowSeconds + 300) },
    'expiry null': { exp: null },
    'expiry beyond all numbers': { exp: 1e308 },
    'issued in the future': { iat: nowSeconds + 3_600, exp: nowSeconds + 7_200 },
    'not valid before later': { nbf: nowSeconds + 3_600, exp: nowSeconds + 7_200 },
    'nbf as text': { nbf: '0' },
    'another issuer': { iss: 'https://attacker.example' },
    'the issuer with a slash more': { iss: `${String(payload['iss'])}/` },
    'no issuer': { iss: undefined },
    'a list of issuers': { iss: [payload['iss']] },
    'another audience': { aud: 'https://attacker.example' },
    'no audience': { aud: undefined },
    'an empty list of audiences': { aud: [] },
    'an audience that begins like ours': { aud: `${String(payload['aud'])}.attacker.example` },
    'a subject that is no text': { sub: ['usr_admin'] },
  };
  const headers: Readonly<Record<string, JsonObject>> = {
    'typ JWT': { typ: 'JWT' },
    'no typ': { typ: undefined },
    'typ logout+jwt': { typ: 'logout+jwt' },
    'typ dpop+jwt': { typ: 'dpop+jwt' },
    'typ that is no text': { typ: ['at+jwt'] },
    'unknown critical extension': { crit: ['x'], x: 1 },
    'critical exp': { crit: ['exp'], exp: nowSeconds + 300 },
    'nothing critical, said aloud': { crit: [] },
    'b64 false': { b64: false, crit: ['b64'] },
    'b64 true': { b64: true },
    'another kid': { kid: 'another' },
    'kid that is no text': { kid: 7 },
    'alg none with a true signature': { alg: 'none' },
    'alg HS256 with a true signature': { alg: 'HS256' },
    'another known alg with a true signature': { alg: header['alg'] === 'RS256' ? 'PS256' : 'RS256' },
    'alg in lower case with a true signature': { alg: String(header['alg']).toLowerCase() },
  };
  return [
    ...Object.entries(claims).map(([name, change]) => ({
      name,
      token: sign(headerText, JSON.stringify({ ...payload, ...change })),
    })),
    ...Object.entries(headers).map(([name, change]) => ({
      name,
      token: sign(JSON.stringify({ ...header, ...change }), payloadText),
    })),
    { name: 'a claim twice', token: sign(headerText, payloadText.replace('{', '{"sub":"usr_admin",')) },
    { name: 'a claim twice, escaped', token: sign(headerText, payloadText.replace('{', '{"\\u0073ub":"usr_admin",')) },
    { name: 'a header member twice', token: sign(headerText.replace('{', '{"alg":"none",'), payloadText) },
    { name: 'a payload that is a list', token: sign(headerText, `[${payloadText}]`) },
    { name: 'a payload that is null', token: sign(headerText, 'null') },
    { name: 'an empty payload', token: sign(headerText, '') },
    { name: 'a byte order mark before the payload', token: sign(headerText, `\uFEFF${payloadText}`) },
    { name: 'a byte order mark before the header', token: sign(`\uFEFF${headerText}`, payloadText) },
    { name: 'longer than a token may be', token: sign(headerText, JSON.stringify({ ...payload, filler: 'x'.repeat(100_000) })) },
  ];
}

function parse(part: string): JsonObject {
  return JSON.parse(Buffer.from(part, 'base64url').toString()) as JsonObject;
}
