import { authorize, prismaAccessStore } from '#capabilities/access/index.ts';
import {
  completeSignIn,
  drizzleIdempotencyStore,
  drizzleKnownNetworkStore,
  drizzleThrottleStore,
  guardToken,
  prismaRegistrationStore,
  runOnce,
  sendNewDeviceMail,
  sendNewDeviceMailTask,
} from '#capabilities/authentication/index.ts';
import {
  drizzleDeviceReportStore,
  drizzleDeviceStore,
  type FindPlace,
  findTrust,
  plainSignals,
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
} from '#capabilities/identity/index.ts';
import type { BreachedPasswords } from '#capabilities/passwords/index.ts';
import { drizzleSessionStore, type ProofsOfPossession } from '#capabilities/sessions/index.ts';
import type { Clock } from '#kernel/clock.ts';
import type { Secret } from '#kernel/secret.ts';
import type { Cache } from '#platform/cache/cache.ts';
import type { Config } from '#platform/config/config.ts';
import { createKeyedHash, createSealer, type PasswordHashingEngine } from '#platform/crypto/index.ts';
import { type Database, retryingUnitOfWork } from '#platform/db/index.ts';
import { graphileJobQueue, type JobHandlers } from '#platform/jobs/index.ts';
import { type MailTransport, mailHandlers, queuedMail } from '#platform/mail/index.ts';
import type { Logger } from '#platform/observability/logger.ts';
import type { RedisConnection } from '#platform/redis/redis.ts';
import { composeKeys } from './keys.ts';
import { composeLimits } from './limits.ts';
import { composePasswords } from './passwords.ts';
import { composeSessionCache } from './session-cache.ts';
import { composeSessions } from './sessions.ts';
import { composeSignUp } from './sign-up.ts';
import { systemActor } from './system-actor.ts';

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

  // events
  const eventStore = drizzleEventStore(db);
  const cipher = createPersonalCipher({ store: drizzleSubjectKeyStore(db), masterKey, clock });
  const feed = createEventFeed({ store: eventStore, wakeup, logger, monotonicMs });
  const sessions = drizzleSessionStore(db);
  const { sessionCache, followFeed } = composeSessionCache({
    config,
    masterKey,
    sessions,
    feed,
    eventStore,
    redis,
    clock,
    monotonicMs,
    logger,
  });
  const waking = wakingUnitOfWork(retryingUnitOfWork(db, logger), appendEvent({ store: eventStore, cipher, clock }), {
    tell: ({ event: { type }, sessionId, subjectId, organisationId }) =>
      sessionCache.changed({ type, sessionId, subjectId, organisationId }),
    wake: feed.wake,
  });
  const { unitOfWork } = waking;
  const append = waking.appendEvent;
  const watch = watchEvents({ feed, store: eventStore });

  // what several need
  const jobSealer = createSealer(masterKey, 'job-payload');
  const jobs = graphileJobQueue(jobSealer);
  const sendMail = queuedMail(jobs);
  const throttles = drizzleThrottleStore(db);
  const throttleKey = createKeyedHash(masterKey, 'throttle');

  // keys
  const { keyRing, rotateSigningKeys } = composeKeys({ config, masterKey, db, unitOfWork, appendEvent: append, clock });

  // access
  const access = prismaAccessStore(db);
  const authorizeActor = authorize({ store: access });

  // limits, which ask the devices at a limit
  const devices = drizzleDeviceStore(db);
  const deviceKey = createKeyedHash(masterKey, 'device');
  const limits = composeLimits({
    config,
    masterKey,
    redis,
    unitOfWork,
    appendEvent: append,
    authorize: authorizeActor,
    findTrust: findTrust({ devices, deviceKey, clock }),
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

  // sessions and devices
  const signedIn = composeSessions({
    config,
    masterKey,
    db,
    unitOfWork,
    appendEvent: append,
    authorize: authorizeActor,
    keyRing,
    users,
    sendMail,
    publicUrl,
    monotonicMs,
    proofs,
    findPlace,
    sessions,
    sessionCache,
    devices,
    deviceKey,
    throttles,
    throttleKey,
    jobs,
    clock,
    logger,
  });
  const { endSessions, rotateSession, renewAuthentication, requireFreshAuthentication } = signedIn;

  // authentication
  const registrations = prismaRegistrationStore(db);
  const deviceReports = drizzleDeviceReportStore(db);
  const knownNetworks = drizzleKnownNetworkStore(db);
  const idempotencyKeys = drizzleIdempotencyStore(db);
  const once = runOnce({ keys: idempotencyKeys, keyedHash: createKeyedHash(masterKey, 'idempotency'), clock });
  const guard = guardToken({ unitOfWork, throttles, throttleKey, clock });
  const complete = completeSignIn({
    recogniseDevice: signedIn.recogniseDevice,
    devices,
    assessSignIn: plainSignals,
    issueSession: signedIn.issueSession,
    endSessions,
    jobs,
    appendEvent: append,
    clock,
  });

  // ways in
  const needed = {
    unitOfWork,
    appendEvent: append,
    users,
    organisations,
    registrations,
    throttles,
    throttleKey,
    runOnce: once,
    guardToken: guard,
    jobs,
    sendMail,
    publicUrl,
    clock,
  };
  const withPassword = composePasswords({
    ...needed,
    masterKey,
    db,
    hasher,
    breached,
    devices,
    deviceReports,
    knownNetworks,
    completeSignIn: complete,
    endSessions,
    rotateSession,
    renewAuthentication,
  });
  const signUp = composeSignUp({ ...needed, access, passwords: withPassword.passwords });

  const handlers: JobHandlers = {
    ...mailHandlers(mailTransport),
    ...signUp.handlers,
    ...signedIn.handlers,
    [sendNewDeviceMailTask]: sendNewDeviceMail({
      unitOfWork,
      users,
      reports: deviceReports,
      throttles,
      throttleKey,
      jobs,
      sendMail,
      publicUrl,
      clock,
    }),
    ...withPassword.handlers,
  };

  /** What a node needs before its first request. */
  async function prepare(): Promise<void> {
    await rotateSigningKeys(systemActor('key-rotation')());
    keyRing.refresh();
    await withPassword.followDecoys();
  }

  return {
    feed,
    followFeed,
    keyRing,
    sessions,
    jobSealer,
    handlers,
    sessionCache,
    accessTokens: signedIn.accessTokens,
    limits,
    introspectToken: signedIn.introspectToken,
    revokeToken: signedIn.revokeToken,
    authenticate: signedIn.authenticate,
    issueBootstrapToken: signUp.issueBootstrapToken,
    foundFirstOrganisation: (input: { readonly slug: string; readonly name: string }) =>
      foundFirstOrganisation({ unitOfWork, organisations, access, appendEvent: append, clock })(systemActor('start')(), input),
    prepare,
    /** What has to be done every now and then, on any node. Safe to run on all of them. */
    maintain: async (signal?: AbortSignal) => {
      await prepare();
      const now = clock.now();
      await registrations.deleteExpired(now);
      await withPassword.resets.deleteExpired(now);
      await idempotencyKeys.deleteExpired(now);
      await deviceReports.deleteExpired(now);
      await throttles.deleteForgotten(new Date(now.getTime() - forgetThrottlesAfterMs));
      await knownNetworks.deleteForgotten(now);
      // Takes its time.
      await signedIn.deleteEndedSessions(signal);
    },
    useCases: {
      ...limits.useCases,
      ...signUp.useCases,
      ...withPassword.useCases,
      ...signedIn.useCases,
      findOrganisation: findOrganisation({ organisations, cached: organisationCache }),
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
        authorizeExport: (actor) => requireFreshAuthentication(actor, 'event:export'),
        clock,
      }),
      readPersonalData: async (event: { readonly id: string; readonly personal: Parameters<typeof cipher.open>[0] | null }) =>
        event.personal && cipher.open(event.personal, event.id),
    },
  };
}

const forgetThrottlesAfterMs = 2 * 86_400_000;

export type Capabilities = ReturnType<typeof composeCapabilities>;
