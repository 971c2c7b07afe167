export { createKeyRing, type JsonWebKeySet, type KeyRing } from './key-ring.ts';
export { prismaSigningKeyStore } from './keys.prisma.ts';
export type { SigningKeyStore } from './keys.ports.ts';
export { rotateSigningKeys, type RotateSigningKeys } from './use-cases/rotate-signing-keys.ts';
