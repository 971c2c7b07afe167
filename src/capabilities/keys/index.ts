export { createKeyRing, type JsonWebKeySet, type KeyRing } from './key-ring.ts';
export type { SigningKeyStore } from './keys.ports.ts';
export { prismaSigningKeyStore } from './keys.prisma.ts';
export { type RotateSigningKeys, rotateSigningKeys } from './use-cases/rotate-signing-keys.ts';
