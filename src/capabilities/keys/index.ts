export { createKeyRing, type JsonWebKeySet, type KeyRing } from './key-ring.ts';
export type { SigningKeyStore } from './keys.ports.ts';
export { prismaMasterKeyCheckStore, prismaSigningKeyStore } from './keys.prisma.ts';
export { checkMasterKey, establishMasterKey, signingKeyPurpose } from './use-cases/check-master-key.ts';
export { type RotateSigningKeys, rotateSigningKeys } from './use-cases/rotate-signing-keys.ts';
