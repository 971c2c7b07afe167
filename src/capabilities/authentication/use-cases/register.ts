import type { AppendEvent } from '#capabilities/events/index.ts';
import { type OrganisationStore, parseDisplayName, parseEmail } from '#capabilities/identity/index.ts';
import type { Actor } from '#kernel/actor.ts';
import { type Clock, secondsUntil } from '#kernel/clock.ts';
import { type FieldProblem, InvalidInputError, RateLimitedError } from '#kernel/errors.ts';
import { newId } from '#kernel/ids.ts';
import { hashOpaqueToken, type KeyedHash, newOpaqueToken } from '#platform/crypto/index.ts';
import type { UnitOfWork } from '#platform/db/index.ts';
import type { JobQueue } from '#platform/jobs/index.ts';
import { registrationRequested } from '../authentication.events.ts';
import type { PasswordEnrolment, RegistrationStore, ThrottleStore } from '../authentication.ports.ts';
import type { IdempotentRequest } from '../idempotency.ts';
import { createRegistration, verificationTokenPrefix } from '../registration.ts';
import { networkOf, throttlePolicies } from '../throttle.ts';
import type { RunOnce } from './run-once.ts';
import { sendRegistrationMailTask } from './send-registration-mail.ts';

export interface RegisterDeps {
  readonly unitOfWork: UnitOfWork;
  readonly registrations: Pick<RegistrationStore, 'insert'>;
  readonly organisations: Pick<OrganisationStore, 'findDefault'>;
  readonly passwords: Pick<PasswordEnrolment, 'prepare'>;
  readonly throttles: Pick<ThrottleStore, 'reserve'>;
  readonly throttleKey: KeyedHash;
  readonly jobs: JobQueue;
  readonly runOnce: RunOnce;
  readonly appendEvent: AppendEvent;
  readonly clock: Clock;
}

export interface RegisterInput {
  readonly email: string;
  readonly password: string;
  readonly displayName: string;
}

export type Register = (actor: Actor, input: RegisterInput, request?: IdempotentRequest) => Promise<{ readonly email: string }>;

/**
 * Signs up: nothing exists until the address is confirmed. The work and the answer are the same whether or not the address
 * has an account; which mail goes out is decided later, by the job. A `request` sent again is answered without being done
 * again. Throws InvalidInputError, RateLimitedError, and what the password policy and `runOnce` throw.
 */
export const register =
  ({
    unitOfWork,
    registrations,
    organisations,
    passwords,
    throttles,
    throttleKey,
    jobs,
    runOnce,
    appendEvent,
    clock,
  }: RegisterDeps): Register =>
  async (actor, input, request) => {
    const { email, displayName } = parseInput(input);
    const answer = { email: email.address };
    const once = { operation: 'register', request, payload: [email.address, displayName], replay: answer };
    return runOnce(actor, once, async (settle) => {
      const network = throttleKey(`register-network:${networkOf(actor.origin.ipAddress)}`);
      const { blockedUntil } = await unitOfWork.hotTransaction((tx) =>
        throttles.reserve(tx, network, throttlePolicies.registerNetwork, clock.now()),
      );
      if (blockedUntil) throw new RateLimitedError(secondsUntil(clock.now(), blockedUntil));

      const organisation = await organisations.findDefault();
      if (!organisation) throw new Error('there is no organisation to sign up to');
      const passwordHash = await passwords.prepare({ password: input.password, email, displayName, organisation });

      const token = newOpaqueToken(verificationTokenPrefix);
      const registration = createRegistration({
        id: newId('reg'),
        userId: newId('usr'),
        organisationId: organisation.id,
        displayName,
        email,
        passwordHash,
        createdAt: clock.now(),
      });
      await unitOfWork.transaction(async (tx) => {
        await settle(tx);
        await registrations.insert(tx, registration, hashOpaqueToken(token.reveal()));
        await appendEvent(tx, {
          event: registrationRequested,
          actor,
          subjectId: registration.userId,
          organisationId: organisation.id,
          data: { registrationId: registration.id },
          personal: { emailAddress: email.address },
        });
        await jobs.enqueue(tx, sendRegistrationMailTask, { registrationId: registration.id, token: token.reveal() });
      });
      return answer;
    });
  };

function parseInput(input: RegisterInput) {
  const email = parseEmail(input.email);
  const displayName = parseDisplayName(input.displayName);
  const problems: FieldProblem[] = [];
  if (!email.ok) problems.push({ path: 'input.email', message: email.problem });
  if (!displayName.ok) problems.push({ path: 'input.displayName', message: displayName.problem });
  if (!email.ok || !displayName.ok) throw new InvalidInputError(problems);
  return { email: email.value, displayName: displayName.value };
}
