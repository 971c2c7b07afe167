import {
  type CompleteSignIn,
  type GuardToken,
  type KnownNetworkStore,
  type RegistrationStore,
  type RunOnce,
  resendConfirmation,
  sampleHashParameters,
  type ThrottleStore,
} from '#capabilities/authentication/index.ts';
import type { DeviceReportStore, DeviceStore } from '#capabilities/devices/index.ts';
import type { AppendEvent } from '#capabilities/events/index.ts';
import type { OrganisationStore, UserStore } from '#capabilities/identity/index.ts';
import {
  type BreachedPasswords,
  changePassword,
  checkGuess,
  drizzleCredentialStore,
  enrolPassword,
  login,
  prismaCredentialStore,
  prismaPasswordResetStore,
  reauthenticate,
  reportUnknownDevice,
  requestPasswordReset,
  resetPassword,
  sendPasswordReset,
  sendPasswordResetTask,
} from '#capabilities/passwords/index.ts';
import type { EndSessions, RenewAuthentication, RotateSession } from '#capabilities/sessions/index.ts';
import type { Clock } from '#kernel/clock.ts';
import type { Secret } from '#kernel/secret.ts';
import { createDecoyHashes, createKeyedHash, type KeyedHash, type PasswordHashingEngine } from '#platform/crypto/index.ts';
import type { Database, UnitOfWork } from '#platform/db/index.ts';
import type { JobQueue } from '#platform/jobs/index.ts';
import type { SendMail } from '#platform/mail/index.ts';
import { currentCorrelationId, newCorrelationId } from '#platform/observability/correlation.ts';

export interface PasswordsDeps {
  readonly masterKey: Secret<Buffer>;
  readonly db: Database;
  readonly hasher: PasswordHashingEngine;
  readonly breached: BreachedPasswords;
  readonly unitOfWork: UnitOfWork;
  readonly appendEvent: AppendEvent;
  readonly users: UserStore;
  readonly organisations: OrganisationStore;
  readonly registrations: RegistrationStore;
  readonly devices: DeviceStore;
  readonly deviceReports: DeviceReportStore;
  readonly throttles: ThrottleStore;
  readonly knownNetworks: KnownNetworkStore;
  readonly throttleKey: KeyedHash;
  readonly runOnce: RunOnce;
  readonly guardToken: GuardToken;
  readonly completeSignIn: CompleteSignIn;
  readonly endSessions: EndSessions;
  readonly rotateSession: RotateSession;
  readonly renewAuthentication: RenewAuthentication;
  readonly jobs: JobQueue;
  readonly sendMail: SendMail;
  readonly publicUrl: URL;
  readonly clock: Clock;
}

const serviceName = 'Sallyport';

/** Passwords: to sign in with, to prove again who one is, to change and to set anew. */
export function composePasswords({ masterKey, db, hasher, breached, clock, ...deps }: PasswordsDeps) {
  const { unitOfWork, appendEvent, users, organisations, registrations, jobs, sendMail, publicUrl } = deps;
  const { throttles, knownNetworks, throttleKey, endSessions: end, guardToken: guard } = deps;
  const credentials = { ...drizzleCredentialStore(db), ...prismaCredentialStore() };
  const passwords = enrolPassword({ hasher, breached, credentials, serviceName });
  const resets = prismaPasswordResetStore(db);
  const decoyKey = createKeyedHash(masterKey, 'decoy-hash');
  const decoys = {
    accounts: createDecoyHashes(decoyKey, hasher.parameters),
    signUps: createDecoyHashes(decoyKey, hasher.parameters),
  };
  const check = checkGuess({
    unitOfWork,
    credentials,
    registrations,
    users,
    throttles,
    knownNetworks,
    throttleKey,
    hasher,
    decoys,
    sendMail,
    appendEvent,
    publicUrl,
    clock,
  });

  return {
    passwords,
    resets,
    /** Has decoys cost what the stored hashes cost, whose parameters change with time. */
    followDecoys: async (): Promise<void> => {
      decoys.accounts.follow(await sampleHashParameters(db, 'password_credentials', 'hash'));
      decoys.signUps.follow(await sampleHashParameters(db, 'registrations', 'password_hash'));
    },
    handlers: {
      [sendPasswordResetTask]: sendPasswordReset({
        unitOfWork,
        users,
        resets,
        throttles,
        throttleKey,
        sendMail,
        appendEvent,
        publicUrl,
        correlationId: () => currentCorrelationId() ?? newCorrelationId(),
        clock,
      }),
    },
    useCases: {
      login: login({
        unitOfWork,
        checkGuess: check,
        completeSignIn: deps.completeSignIn,
        resendConfirmation: resendConfirmation({ registrations, jobs, clock }),
      }),
      changePassword: changePassword({
        unitOfWork,
        users,
        organisations,
        passwords,
        checkGuess: check,
        resets,
        endSessions: end,
        rotateSession: deps.rotateSession,
        sendMail,
        appendEvent,
        publicUrl,
        clock,
      }),
      reauthenticate: reauthenticate({
        unitOfWork,
        users,
        checkGuess: check,
        renewAuthentication: deps.renewAuthentication,
      }),
      requestPasswordReset: requestPasswordReset({ unitOfWork, throttles, throttleKey, jobs, runOnce: deps.runOnce, clock }),
      resetPassword: resetPassword({
        unitOfWork,
        resets,
        users,
        organisations,
        passwords,
        knownNetworks,
        throttleKey,
        endSessions: end,
        guardToken: guard,
        sendMail,
        appendEvent,
        publicUrl,
        clock,
      }),
      reportUnknownDevice: reportUnknownDevice({
        unitOfWork,
        reports: deps.deviceReports,
        devices: deps.devices,
        users,
        credentials,
        resets,
        endSessions: end,
        guardToken: guard,
        sendMail,
        appendEvent,
        publicUrl,
        clock,
      }),
    },
  };
}
