import { authorize, prismaAccessStore } from '#capabilities/access/index.ts';
import {
  claimFirstAdmin,
  completeSignIn,
  countMissedRefresh,
  drizzleIdempotencyStore,
  drizzleKnownNetworkStore,
  drizzleThrottleStore,
  guardToken,
  issueBootstrapToken,
  networkOf,
  prismaBootstrapTokenStore,
  prismaRegistrationStore,
  register,
  resendConfirmation,
  runOnce,
  sampleHashParameters,
  sendNewDeviceMail,
  sendNewDeviceMailTask,
  sendRegistrationMail,
  sendRegistrationMailTask,
  verifyEmail,
} from '#capabilities/authentication/index.ts';
import {
  describeClient,
  drizzleDeviceReportStore,
  drizzleDeviceStore,
  type FindPlace,
  findDevice,
  findDevices,
  isTrustedDevice,
  listDevices,
  plainSignals,
  recogniseDevice,
  renameDevice,
} from '#capabilities/devices/index.ts';
import {
  appendEvent,
  createEventFeed,
  createPersonalCipher,
  drizzleEventStore,
  drizzleSubjectKeyStore,
  type EventWakeup,
  wakingUnitOfWork,
  watchEvents,
  watchSecurityEvents,
} from '#capabilities/events/index.ts';
import {
  cachedOrganisation,
  findOrganisation,
  foundFirstOrganisation,
  prismaOrganisationStore,
  prismaUserStore,
  registerUser,
} from '#capabilities/identity/index.ts';
import { createKeyRing, prismaSigningKeyStore, rotateSigningKeys, signingKeyPurpose } from '#capabilities/keys/index.ts';
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
import {
  authenticateRequest,
  createAccessTokens,
  createSessionCache,
  deleteEndedSessions,
  drizzleEndedSessionStore,
  drizzleRefreshTokenStore,
  drizzleSessionStore,
  endSessions,
  findSession,
  getSessionPolicy,
  introspectToken,
  issueSession,
  listSessions,
  logout,
  type ProofsOfPossession,
  principalOf,
  prismaSessionPolicyStore,
  refreshSession,
  renewAuthentication,
  requireFreshAuthentication,
  revokeDevice,
  revokeOtherSessions,
  revokeSession,
  revokeToken,
  rotateSession,
  trustDevice,
  updateSessionPolicy,
} from '#capabilities/sessions/index.ts';
import type { Actor } from '#kernel/actor.ts';
import type { Clock } from '#kernel/clock.ts';
import type { Secret } from '#kernel/secret.ts';
import type { Cache } from '#platform/cache/cache.ts';
import type { Config } from '#platform/config/config.ts';
import {
  createDecoyHashes,
  createKeyedHash,
  createSealer,
  deriveSecret,
  type PasswordHashingEngine,
} from '#platform/crypto/index.ts';
import { type Database, retryingUnitOfWork } from '#platform/db/index.ts';
import { graphileJobQueue, type JobHandlers } from '#platform/jobs/index.ts';
import { type MailTransport, mailHandlers, queuedMail } from '#platform/mail/index.ts';
import { currentCorrelationId, newCorrelationId } from '#platform/observability/correlation.ts';
import type { Logger } from '#platform/observability/logger.ts';
import type { RedisConnection } from '#platform/redis/redis.ts';
import { composeLimits } from './limits.ts';

export interface CapabilityDeps {
  readonly config: Config;
  readonly masterKey: Secret<Buffer>;
  readonly db: Database;
  readonly wakeup: EventWakeup;
  readonly cache: Cache;
  readonly hasher: PasswordHashingEngine;
  readonly breached: BreachedPasswords;
  readonly proofs: ProofsOfPossession;
  readonly findPlace: FindPlace;
  readonly mailTransport: MailTransport;
  readonly redis: RedisConnection | undefined;
  readonly clock: Clock;
  readonly monotonicMs: () => number;
  readonly logger: Logger;
}

const serviceName = 'Sallyport';

/** Wires every capability, lower before higher. What each one needs is what it is handed here, and nothing else. */
export function composeCapabilities({
  config,
  masterKey,
  db,
  wakeup,
  cache,
  hasher,
  breached,
  proofs,
  findPlace,
  mailTransport,
  redis,
  clock,
  monotonicMs,
  logger,
}: CapabilityDeps) {
  const { publicUrl } = config.http;
  const system = (name: string) => (): Actor => ({
    kind: 'system',
    name,
    origin: { ipAddress: '', userAgent: '', correlationId: currentCorrelationId() ?? newCorrelationId() },
  });

  // events
  const eventStore = drizzleEventStore(db);
  const cipher = createPersonalCipher({ store: drizzleSubjectKeyStore(db), masterKey, clock });
  const feed = createEventFeed({ store: eventStore, wakeup, logger, monotonicMs });
  const sessions = drizzleSessionStore(db);
  const sessionCache = createSessionCache({ sessions, feed, clock, monotonicMs, maxEntries: config.sessions.cacheEntries });
  feed.listen(sessionCache.changed);
  const waking = wakingUnitOfWork(retryingUnitOfWork(db, logger), appendEvent({ store: eventStore, cipher, clock }), {
    tell: ({ event: { type }, sessionId, subjectId }) => sessionCache.changed({ type, sessionId, subjectId }),
    wake: feed.wake,
  });
  const { unitOfWork } = waking;
  const append = waking.appendEvent;
  const watch = watchEvents({ feed, store: eventStore });

  // what several need
  const jobSealer = createSealer(masterKey, 'job-payload');
  const jobs = graphileJobQueue(jobSealer);
  const sendMail = queuedMail(jobs);
  const throttleKey = createKeyedHash(masterKey, 'throttle');

  // keys
  const signingKeys = prismaSigningKeyStore(db);
  const keySealer = createSealer(masterKey, signingKeyPurpose);
  const keyRing = createKeyRing({ store: signingKeys, sealer: keySealer, clock });
  const { tokens } = config;
  const rotate = rotateSigningKeys({
    unitOfWork,
    store: signingKeys,
    sealer: keySealer,
    appendEvent: append,
    clock,
    policy: {
      algorithm: tokens.algorithm,
      lifetimeSeconds: tokens.signingKeyLifetimeSeconds,
      overlapSeconds: tokens.signingKeyOverlapSeconds,
      tokenLifetimeSeconds: tokens.accessTokenLifetimeSeconds,
    },
  });

  // access
  const access = prismaAccessStore(db);
  const authorizeActor = authorize({ store: access });

  // limits
  const limits = composeLimits({
    config,
    masterKey,
    redis,
    unitOfWork,
    appendEvent: append,
    authorize: authorizeActor,
    clock,
    logger,
  });

  // identity
  const users = prismaUserStore(db);
  const organisations = prismaOrganisationStore(db);
  const organisationCache = cache.of(cachedOrganisation);
  feed.listen(({ type, organisationId }) => {
    if (type.startsWith('organisation.') && organisationId) void organisationCache.forget(organisationId);
  });
  const registerVerifiedUser = registerUser({ users, appendEvent: append, clock });

  // devices
  const devices = drizzleDeviceStore(db);
  const deviceReports = drizzleDeviceReportStore(db);
  const deviceKey = createKeyedHash(masterKey, 'device');
  const recognise = recogniseDevice({ devices, describeClient, findPlace, deviceKey, networkOf, appendEvent: append, clock });

  // sessions
  const refreshTokens = drizzleRefreshTokenStore();
  const timeouts = config.sessions;
  const accessTokens = createAccessTokens({ keyRing, settings: tokens, clock });
  const end = endSessions({ sessions, appendEvent: append, clock });
  const issue = issueSession({
    sessions,
    refreshTokens,
    accessTokens,
    endSessions: end,
    appendEvent: append,
    timeouts,
    clock,
  });
  const policies = { policies: prismaSessionPolicyStore(db), bounds: config.sessions };
  const deleteEnded = deleteEndedSessions({
    unitOfWork,
    ended: drizzleEndedSessionStore(),
    retentionSeconds: config.sessions.endedRetentionSeconds,
    clock,
  });
  const rotateCookie = rotateSession({ sessions, appendEvent: append, clock });
  const rotationKey = deriveSecret(masterKey, 'refresh-token-rotation');
  const requireFresh = requireFreshAuthentication({ maxAgeSeconds: config.sessions.stepUpMaxAgeSeconds, clock });
  const renew = renewAuthentication({ sessions, appendEvent: append, clock });

  // authentication
  const registrations = prismaRegistrationStore(db);
  const bootstrapTokens = prismaBootstrapTokenStore();
  const throttles = drizzleThrottleStore(db);
  const idempotencyKeys = drizzleIdempotencyStore(db);
  const once = runOnce({ keys: idempotencyKeys, keyedHash: createKeyedHash(masterKey, 'idempotency'), clock });
  const knownNetworks = drizzleKnownNetworkStore(db);
  const credentials = { ...drizzleCredentialStore(db), ...prismaCredentialStore() };
  const passwords = enrolPassword({ hasher, breached, credentials, serviceName });
  const guard = guardToken({ unitOfWork, throttles, throttleKey, clock });
  const complete = completeSignIn({
    recogniseDevice: recognise,
    assessSignIn: plainSignals,
    issueSession: issue,
    endSessions: end,
    jobs,
    appendEvent: append,
    clock,
  });
  const resend = resendConfirmation({ registrations, jobs, clock });

  // passwords
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
    appendEvent: append,
    publicUrl,
    clock,
  });

  const handlers: JobHandlers = {
    ...mailHandlers(mailTransport),
    [sendRegistrationMailTask]: sendRegistrationMail({
      unitOfWork,
      registrations,
      users,
      throttles,
      throttleKey,
      jobs,
      sendMail,
      appendEvent: append,
      publicUrl,
      actor: system('registration'),
      clock,
    }),
    [sendNewDeviceMailTask]: sendNewDeviceMail({
      unitOfWork,
      users,
      reports: deviceReports,
      throttles,
      throttleKey,
      sendMail,
      publicUrl,
      clock,
    }),
    [sendPasswordResetTask]: sendPasswordReset({
      unitOfWork,
      users,
      resets,
      throttles,
      throttleKey,
      sendMail,
      appendEvent: append,
      publicUrl,
      correlationId: () => currentCorrelationId() ?? newCorrelationId(),
      clock,
    }),
  };

  return {
    feed,
    keyRing,
    sessions,
    jobSealer,
    handlers,
    sessionCache,
    limits,
    introspectToken: introspectToken({ unitOfWork, sessions, refreshTokens, accessTokens, clock }),
    revokeToken: revokeToken({ unitOfWork, sessions, refreshTokens, accessTokens, endSessions: end }),
    authenticate: authenticateRequest({
      sessions: { ...sessionCache, touch: sessions.touch },
      accessTokens,
      proofs,
      timeouts,
      clock,
      logger,
    }),
    issueBootstrapToken: issueBootstrapToken({ unitOfWork, tokens: bootstrapTokens, access, clock }),
    foundFirstOrganisation: (input: { readonly slug: string; readonly name: string }) =>
      foundFirstOrganisation({ unitOfWork, organisations, access, appendEvent: append, clock })(system('start')(), input),
    /** What has to be done every now and then, on any node. Safe to run on all of them. */
    maintain: async () => {
      await rotate(system('key-rotation')());
      keyRing.refresh();
      decoys.accounts.follow(await sampleHashParameters(db, 'password_credentials', 'hash'));
      decoys.signUps.follow(await sampleHashParameters(db, 'registrations', 'password_hash'));
      const now = clock.now();
      await registrations.deleteExpired(now);
      await resets.deleteExpired(now);
      await idempotencyKeys.deleteExpired(now);
      await deviceReports.deleteExpired(now);
      await deleteEnded();
      await throttles.deleteForgotten(new Date(now.getTime() - forgetThrottlesAfterMs));
      await knownNetworks.deleteForgotten(now);
    },
    useCases: {
      ...limits.useCases,
      register: register({
        unitOfWork,
        registrations,
        organisations,
        passwords,
        throttles,
        throttleKey,
        jobs,
        runOnce: once,
        appendEvent: append,
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
        guardToken: guard,
        appendEvent: append,
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
        guardToken: guard,
        appendEvent: append,
        clock,
      }),
      login: login({ unitOfWork, checkGuess: check, completeSignIn: complete, resendConfirmation: resend }),
      changePassword: changePassword({
        unitOfWork,
        users,
        organisations,
        passwords,
        checkGuess: check,
        resets,
        endSessions: end,
        rotateSession: rotateCookie,
        sendMail,
        appendEvent: append,
        publicUrl,
        clock,
      }),
      reauthenticate: reauthenticate({ unitOfWork, users, checkGuess: check, renewAuthentication: renew }),
      requestPasswordReset: requestPasswordReset({ unitOfWork, throttles, throttleKey, jobs, runOnce: once, clock }),
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
        appendEvent: append,
        publicUrl,
        clock,
      }),
      reportUnknownDevice: reportUnknownDevice({
        unitOfWork,
        reports: deviceReports,
        devices,
        users,
        credentials,
        resets,
        endSessions: end,
        guardToken: guard,
        sendMail,
        appendEvent: append,
        publicUrl,
        clock,
      }),
      refreshSession: refreshSession({
        unitOfWork,
        sessions,
        refreshTokens,
        accessTokens,
        endSessions: end,
        appendEvent: append,
        countMiss: countMissedRefresh({ unitOfWork, throttles, throttleKey, clock }),
        rotationKey,
        timeouts,
        clock,
      }),
      findOrganisation: findOrganisation({ organisations, cached: organisationCache }),
      logout: logout({ unitOfWork, endSessions: end }),
      revokeSession: revokeSession({ unitOfWork, endSessions: end }),
      revokeOtherSessions: revokeOtherSessions({ unitOfWork, endSessions: end }),
      getSessionPolicy: getSessionPolicy(policies),
      updateSessionPolicy: updateSessionPolicy({
        ...policies,
        unitOfWork,
        authorize: authorizeActor,
        appendEvent: append,
        clock,
      }),
      listDevices: listDevices({ devices }),
      findDevice: findDevice({ devices }),
      findDevices: findDevices({ devices }),
      isTrustedDevice: (device: Parameters<typeof isTrustedDevice>[0]) => isTrustedDevice(device, clock.now()),
      renameDevice: renameDevice({ unitOfWork, devices, appendEvent: append }),
      revokeDevice: revokeDevice({ unitOfWork, devices, endSessions: end, appendEvent: append }),
      trustDevice: trustDevice({
        unitOfWork,
        devices,
        getSessionPolicy: getSessionPolicy(policies),
        deviceKey,
        appendEvent: append,
        clock,
      }),
      listSessions: listSessions({ sessions, clock }),
      findSession: findSession({ sessions, clock }),
      principalOf: principalOf({ sessions }),
      listPermissions: async ({
        actor,
      }: {
        readonly actor: {
          readonly userId: Parameters<typeof access.listGrants>[0];
          readonly organisationId: Parameters<typeof access.listGrants>[1];
        };
      }) => {
        const grants = await access.listGrants(actor.userId, actor.organisationId);
        return [...new Set(grants.map(({ permission }) => permission))].sort();
      },
      watchSecurityEvents: watchSecurityEvents({
        watch,
        store: eventStore,
        authorizeOrganisation: (actor) => authorizeActor(actor, 'event:read'),
        authorizeExport: (actor) => requireFresh(actor, 'event:export'),
        clock,
      }),
      readPersonalData: async (event: { readonly id: string; readonly personal: Parameters<typeof cipher.open>[0] | null }) =>
        event.personal && cipher.open(event.personal, event.id),
    },
  };
}

const forgetThrottlesAfterMs = 2 * 86_400_000;

export type Capabilities = ReturnType<typeof composeCapabilities>;
