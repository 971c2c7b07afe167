import { isUtf8 } from 'node:buffer';
import { isJwsAlgorithm, type JwsAlgorithm } from './jws-algorithms.ts';
import { JwsInvalidError } from './jws-invalid.ts';
import { isJsonObject, parseStrictJson } from './strict-json.ts';

/**
 * What a verifier is told of a token's header. `jwk`, `jku`, `x5c` and `x5u` are left out on purpose: a key that the token
 * brings along proves nothing, and what is not here can't be used by mistake (RFC 8725, 3.5 and 3.10). DPoP, where such a
 * key is meant to prove nothing but itself, reads it in dpop-proof.ts.
 */
export interface JwsHeader {
  readonly alg: JwsAlgorithm;
  readonly kid?: string;
  readonly typ?: string;
  readonly cty?: string;
}

/** Reads and checks a decoded JOSE header (RFC 7515, 4.1). Throws JwsInvalidError. */
export function readJwsHeader(bytes: Buffer, algorithms: readonly JwsAlgorithm[]): JwsHeader {
  const header = parseJsonObject(bytes);
  if (header === undefined) throw new JwsInvalidError('header');
  // Extensions: none is understood, so none may be critical; `b64` would change what is signed (RFC 7797, 3).
  if (Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64')) throw new JwsInvalidError('critical');
  const { alg } = header;
  if (!isJwsAlgorithm(alg) || !algorithms.includes(alg)) throw new JwsInvalidError('algorithm');
  return { alg, ...optionalText(header, 'kid'), ...optionalText(header, 'typ'), ...optionalText(header, 'cty') };
}

function optionalText<Name extends string>(
  header: Readonly<Record<string, unknown>>,
  name: Name,
): { readonly [Key in Name]?: string } {
  const value = header[name];
  if (value === undefined) return {};
  if (typeof value !== 'string') throw new JwsInvalidError('header');
  return { [name]: value } as { readonly [Key in Name]?: string };
}

/** A JSON object in valid UTF-8 without duplicate members, or undefined. */
export function parseJsonObject(bytes: Buffer): Readonly<Record<string, unknown>> | undefined {
  if (!isUtf8(bytes)) return undefined;
  try {
    const value = parseStrictJson(bytes.toString('utf8'));
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
