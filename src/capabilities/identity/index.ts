export { type Email, envelopeAddress, parseEmail } from './email.ts';
export type { EmailAddress } from './email-address.ts';
export { EmailTakenError } from './identity.errors.ts';
export type { OrganisationStore, UserStore, UserWithEmail } from './identity.ports.ts';
export { prismaOrganisationStore, prismaUserStore } from './identity.prisma.ts';
export type { Organisation } from './organisation.ts';
export { type FoundFirstOrganisation, foundFirstOrganisation } from './use-cases/found-organisation.ts';
export { type RegisterUser, registerUser } from './use-cases/register-user.ts';
export { parseDisplayName, type User } from './user.ts';
