import type { Email } from '#capabilities/identity/index.ts';
import { addSeconds } from '#kernel/clock.ts';
import type { OrganisationId, RegistrationId, UserId } from '#kernel/ids.ts';

/** A sign-up that waits for its address to be confirmed. */
export interface Registration {
  readonly id: RegistrationId;
  readonly userId: UserId;
  readonly organisationId: OrganisationId;
  readonly displayName: string;
  readonly email: Email;
  readonly passwordHash: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** Marks the token of a mailed confirmation link. */
export const verificationTokenPrefix = 'svt';
export const registrationLifetimeSeconds = 86_400;

export function createRegistration(input: Omit<Registration, 'expiresAt'>): Registration {
  return { ...input, expiresAt: addSeconds(input.createdAt, registrationLifetimeSeconds) };
}

export function isPending(registration: Registration, now: Date): boolean {
  return now < registration.expiresAt;
}
