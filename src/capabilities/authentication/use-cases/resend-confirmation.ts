import { addSeconds, type Clock } from '#kernel/clock.ts';
import { newOpaqueToken } from '#platform/crypto/index.ts';
import type { Tx } from '#platform/db/index.ts';
import type { JobQueue } from '#platform/jobs/index.ts';
import type { RegistrationStore } from '../authentication.ports.ts';
import { type Registration, registrationLifetimeSeconds, verificationTokenPrefix } from '../registration.ts';
import { sendRegistrationMailTask } from './send-registration-mail.ts';

export interface ResendConfirmationDeps {
  readonly registrations: Pick<RegistrationStore, 'extend'>;
  readonly jobs: JobQueue;
  readonly clock: Clock;
}

export type ResendConfirmation = (tx: Tx, registration: Registration) => Promise<void>;

/**
 * Mails a new link for a pending sign-up, to somebody who knows its password already. The job makes that link the good one
 * when it does mail it: where the address gets no more mail for a while, the last link that came still works.
 */
export const resendConfirmation =
  ({ registrations, jobs, clock }: ResendConfirmationDeps): ResendConfirmation =>
  async (tx, registration) => {
    const token = newOpaqueToken(verificationTokenPrefix);
    const expiresAt = addSeconds(clock.now(), registrationLifetimeSeconds);
    await registrations.extend(tx, registration.id, expiresAt);
    await jobs.enqueue(tx, sendRegistrationMailTask, { registrationId: registration.id, token: token.reveal() });
  };
