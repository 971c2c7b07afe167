import { describe, expect, it } from 'vitest';
import { readWycheproof, titleOf, type WycheproofGroup, type WycheproofTest } from '#tests/vectors/wycheproof.ts';
import { verifyJws } from './jws.ts';
import { jwsAlgorithms } from './jws-algorithms.ts';
import type { JwsHeader } from './jws-header.ts';
import { JwsInvalidError } from './jws-invalid.ts';
import { importVerificationKey, JwkInvalidError, type VerificationKey } from './verification-key.ts';
import { importVerificationKeySet } from './verification-key-set.ts';

interface TokenTest extends WycheproofTest {
  readonly jws?: string;
  readonly jwe?: string;
}

interface TokenGroup extends WycheproofGroup<TokenTest> {
  readonly public?: Readonly<Record<string, unknown>>;
  readonly private: Readonly<Record<string, unknown>>;
}

/** Valid vectors that we refuse all the same. They are run too, and must be refused. */
const refusedThoughValid: Readonly<
  Record<string, { readonly why: string; readonly tcIds: Readonly<Record<string, readonly number[]>> }>
> = {
  hmac: {
    why: 'HMAC: a shared secret can not be a verification key here',
    tcIds: {
      json_web_signature: [1, 348, 352, 357, 358, 359, 376, 377],
      json_web_crypto: [1, 48],
      json_web_key: [2, 13, 14, 15],
    },
  },
  // These two are under an HMAC key as well; jws.test.ts puts such characters into a token whose key we take.
  base64: { why: 'a character that base64url does not have (RFC 7515, 2)', tcIds: { json_web_signature: [372, 373] } },
  otherAlgorithm: {
    why: 'the JWK says another algorithm (RS256 for PS384, or ES521, which does not exist) than the token does',
    tcIds: { json_web_signature: [346, 347, 350, 351] },
  },
  encryption: { why: 'a JWE: nothing here decrypts one', tcIds: { json_web_crypto: [50, 67] } },
};

/** Whether our verifier takes this token under the key or key set of its group. Anything but our own two errors is a defect. */
function isAccepted(group: TokenGroup, token: string): boolean {
  // Groups of symmetric keys have only the private form. Each key is tried as it is: it is for the importer to refuse it.
  const jwk = group.public ?? group.private;
  try {
    const keys = 'keys' in jwk ? importVerificationKeySet(jwk) : only(importVerificationKey(jwk));
    verifyJws(token, { keys, algorithms: jwsAlgorithms });
    return true;
  } catch (error) {
    if (error instanceof JwsInvalidError || error instanceof JwkInvalidError) return false;
    throw error;
  }
}

function only(key: VerificationKey): (header: JwsHeader) => VerificationKey {
  return () => key;
}

describe.each(['json_web_signature', 'json_web_crypto', 'json_web_key'])('Wycheproof %s', (name) => {
  const { numberOfTests, testGroups } = readWycheproof<TokenGroup>(name);
  const refused = new Map(
    Object.values(refusedThoughValid).flatMap(({ why, tcIds }) => (tcIds[name] ?? []).map((tcId) => [tcId, why] as const)),
  );
  const cases = testGroups.flatMap((group) => group.tests.map((test) => ({ ...test, group, title: titleOf(test) })));

  it('reads them all, and every exception is for a valid vector', () => {
    expect(cases).toHaveLength(numberOfTests);
    expect(cases.filter(({ tcId }) => refused.has(tcId)).map(({ result }) => result)).toEqual(Array(refused.size).fill('valid'));
  });

  it.each(cases)('$title', ({ tcId, group, jws, jwe, result }) => {
    const token = jws ?? jwe;
    expect(token).toBeDefined();
    expect(isAccepted(group, token ?? ''), refused.get(tcId)).toBe(result === 'valid' && !refused.has(tcId));
  });
});
