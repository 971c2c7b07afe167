import { addSeconds, type Clock } from '#kernel/clock.ts';
import { hashOpaqueToken, newOpaqueToken } from '#platform/crypto/index.ts';
import type { Tx } from '#platform/db/index.ts';
import type { JobQueue } from '#platform/jobs/index.ts';
import type { RegistrationStore } from '../authentication.ports.ts';
import { type Registration, registrationLifetimeSeconds } from '../registration.ts';
import { verificationTokenPrefix } from './register.ts';
import { sendRegistrationMailTask } from './send-registration-mail.ts';

export interface ResendConfirmationDeps {
  readonly registrations: Pick<RegistrationStore, 'replaceToken'>;
  readonly jobs: JobQueue;
  readonly clock: Clock;
}

export type ResendConfirmation = (tx: Tx, registration: Registration) => Promise<void>;

/** Replaces the link of a pending sign-up and mails the new one: for somebody who knows its password already. */
export const resendConfirmation =
  ({ registrations, jobs, clock }: ResendConfirmationDeps): ResendConfirmation =>
  async (tx, registration) => {
    const token = newOpaqueToken(verificationTokenPrefix);
    const expiresAt = addSeconds(clock.now(), registrationLifetimeSeconds);
    await registrations.replaceToken(tx, registration.id, hashOpaqueToken(token.reveal()), expiresAt);
    await jobs.enqueue(tx, sendRegistrationMailTask, { registrationId: registration.id, token: token.reveal() });
  };
