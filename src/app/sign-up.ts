import type { AccessStore } from '#capabilities/access/index.ts';
import {
  claimFirstAdmin,
  type GuardToken,
  issueBootstrapToken,
  type PasswordEnrolment,
  prismaBootstrapTokenStore,
  type RegistrationStore,
  type RunOnce,
  register,
  sendRegistrationMail,
  sendRegistrationMailTask,
  type ThrottleStore,
  verifyEmail,
} from '#capabilities/authentication/index.ts';
import type { AppendEvent } from '#capabilities/events/index.ts';
import { type OrganisationStore, registerUser, type UserStore } from '#capabilities/identity/index.ts';
import type { Clock } from '#kernel/clock.ts';
import type { KeyedHash } from '#platform/crypto/index.ts';
import type { UnitOfWork } from '#platform/db/index.ts';
import type { JobQueue } from '#platform/jobs/index.ts';
import type { SendMail } from '#platform/mail/index.ts';
import { systemActor } from './system-actor.ts';

export interface SignUpDeps {
  readonly unitOfWork: UnitOfWork;
  readonly appendEvent: AppendEvent;
  readonly access: AccessStore;
  readonly users: UserStore;
  readonly organisations: OrganisationStore;
  readonly registrations: RegistrationStore;
  readonly passwords: PasswordEnrolment;
  readonly throttles: ThrottleStore;
  readonly throttleKey: KeyedHash;
  readonly runOnce: RunOnce;
  readonly guardToken: GuardToken;
  readonly jobs: JobQueue;
  readonly sendMail: SendMail;
  readonly publicUrl: URL;
  readonly clock: Clock;
}

/** How somebody becomes a user: by registering, or as the first administrator by a link. */
export function composeSignUp({ unitOfWork, appendEvent, access, users, registrations, clock, ...deps }: SignUpDeps) {
  const { organisations, passwords, throttles, throttleKey, guardToken, jobs } = deps;
  const bootstrapTokens = prismaBootstrapTokenStore();
  const registerVerifiedUser = registerUser({ users, appendEvent, clock });

  return {
    issueBootstrapToken: issueBootstrapToken({ unitOfWork, tokens: bootstrapTokens, access, clock }),
    handlers: {
      [sendRegistrationMailTask]: sendRegistrationMail({
        unitOfWork,
        registrations,
        users,
        throttles,
        throttleKey,
        jobs,
        sendMail: deps.sendMail,
        appendEvent,
        publicUrl: deps.publicUrl,
        actor: systemActor('registration'),
        clock,
      }),
    },
    useCases: {
      register: register({
        unitOfWork,
        registrations,
        organisations,
        passwords,
        throttles,
        throttleKey,
        jobs,
        runOnce: deps.runOnce,
        appendEvent,
        clock,
      }),
      verifyEmail: verifyEmail({
        unitOfWork,
        registrations,
        organisations,
        registerUser: registerVerifiedUser,
        passwords,
        throttles,
        throttleKey,
        guardToken,
        appendEvent,
        clock,
      }),
      claimFirstAdmin: claimFirstAdmin({
        unitOfWork,
        tokens: bootstrapTokens,
        access,
        organisations,
        registrations,
        registerUser: registerVerifiedUser,
        passwords,
        guardToken,
        appendEvent,
        clock,
      }),
    },
  };
}
