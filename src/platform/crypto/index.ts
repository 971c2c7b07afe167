/** The public door of platform/crypto. Nothing outside this folder imports its other files. */
export {
  createPasswordHasher,
  type PasswordHasherOptions,
  type PasswordHashingEngine,
  type PasswordHashLibrary,
} from './create-password-hasher.ts';
export { createDecoyHashes, type DecoyHashes, type ParameterShare } from './decoy-hashes.ts';
export { deriveSecret } from './derive-secret.ts';
export { createDpopNonces, type DpopNonces } from './dpop-nonce.ts';
export { DpopProofInvalidError, dpopAlgorithms, type VerifiedDpopProof, verifyDpopProof } from './dpop-proof.ts';
export {
  type GeneratedSigningKey,
  generateSigningKey,
  importSigningKey,
  jwkThumbprint,
  type PublicJwk,
  type SigningKey,
} from './jwk.ts';
export { type JwsAlgorithm, jwsAlgorithms, type SigningAlgorithm } from './jws-algorithms.ts';
export type { JwsHeader } from './jws-header.ts';
export { JwsInvalidError, type JwsInvalidReason } from './jws-invalid.ts';
export { type JwtClaims, type JwtTimes, signJwt, timeProblem, type VerifyJwtOptions, verifyJwt } from './jwt.ts';
export { createKeyedHash, type KeyedHash } from './keyed-hash.ts';
export { createKnownHeaders, type KnownHeaders } from './known-headers.ts';
export { hashOpaqueToken, isOpaqueToken, newOpaqueToken } from './opaque-token.ts';
export type { PasswordHasher, PasswordHashParameters } from './password-hasher.ts';
export { createSealer, SealBrokenError, type Sealer } from './seal.ts';
export { createSealedEntries, type SealedEntries } from './sealed-entries.ts';
export { importVerificationKey, type VerificationKey } from './verification-key.ts';
