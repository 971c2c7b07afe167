import { createPublicKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readWycheproof, titleOf, type WycheproofGroup, type WycheproofTest } from '#tests/vectors/wycheproof.ts';
import type { JwsAlgorithm } from './jws-algorithms.ts';
import { isSignedBy } from './jws-signature.ts';
import { importVerificationKey, JwkInvalidError } from './verification-key.ts';

interface SignatureTest extends WycheproofTest {
  readonly msg: string;
  readonly sig: string;
}

interface SignatureGroup extends WycheproofGroup<SignatureTest> {
  readonly publicKeyDer: string;
}

const files: Readonly<Record<string, JwsAlgorithm>> = {
  ecdsa_secp256r1_sha256_p1363: 'ES256',
  ed25519: 'EdDSA',
  rsa_signature_2048_sha256: 'RS256',
  rsa_pss_2048_sha256_mgf1_32: 'PS256',
};

/** Valid vectors under keys that we do not take: their public exponent is 3. */
const refusedKeys: Readonly<Record<string, readonly number[]>> = { rsa_signature_2048_sha256: [258, 259] };

// "Acceptable" is refused too: the one such vector, PKCS #1 padding without the NULL of the digest's parameters, is not what
// RFC 8017, 9.2 writes.
describe.each(Object.entries(files))('Wycheproof %s, by our %s', (name, algorithm) => {
  const { numberOfTests, testGroups } = readWycheproof<SignatureGroup>(name);
  const cases = testGroups.flatMap(({ publicKeyDer, tests }) =>
    tests.map((test) => ({ ...test, publicKeyDer, title: titleOf(test) })),
  );

  it('reads them all', () => {
    expect(cases).toHaveLength(numberOfTests);
  });

  it.each(cases)('$title', ({ tcId, publicKeyDer, msg, sig, result }) => {
    const jwk = createPublicKey({ key: Buffer.from(publicKeyDer, 'hex'), format: 'der', type: 'spki' }).export({ format: 'jwk' });
    if (refusedKeys[name]?.includes(tcId)) {
      expect(() => importVerificationKey({ ...jwk, alg: algorithm })).toThrow(JwkInvalidError);
      return;
    }
    const key = importVerificationKey({ ...jwk, alg: algorithm });
    expect(isSignedBy(key, Buffer.from(msg, 'hex'), Buffer.from(sig, 'hex'))).toBe(result === 'valid');
  });
});
