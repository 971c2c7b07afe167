import { setTimeout as pause } from 'node:timers/promises';
import type { Authorize } from '#capabilities/access/index.ts';
import { countMissedRefresh, networkOf, type ThrottleStore } from '#capabilities/authentication/index.ts';
import {
  type DeviceStore,
  describeClient,
  type FindPlace,
  findDevice,
  findDevices,
  isTrustedDevice,
  listDevices,
  recogniseDevice,
  renameDevice,
} from '#capabilities/devices/index.ts';
import type { AppendEvent } from '#capabilities/events/index.ts';
import type { UserStore } from '#capabilities/identity/index.ts';
import type { KeyRing } from '#capabilities/keys/index.ts';
import {
  applySessionPolicy,
  applySessionPolicyTask,
  authenticateRequest,
  createAccessTokens,
  deleteEndedSessions,
  drizzleEndedSessionStore,
  drizzleLiveSessionStore,
  drizzleRefreshTokenStore,
  endSessions,
  findSession,
  getSessionPolicy,
  introspectToken,
  issueSession,
  listSessions,
  logout,
  type ProofsOfPossession,
  prismaSessionPolicyStore,
  refreshSession,
  renewAuthentication,
  requireFreshAuthentication,
  revokeDevice,
  revokeOtherSessions,
  revokeSession,
  revokeToken,
  rotateSession,
  type SessionCache,
  type SessionStore,
  sendReuseMail,
  sendReuseMailTask,
  sessionBindings,
  trustDevice,
  updateSessionPolicy,
} from '#capabilities/sessions/index.ts';
import type { Clock } from '#kernel/clock.ts';
import type { Secret } from '#kernel/secret.ts';
import type { Config } from '#platform/config/config.ts';
import { deriveSecret, type KeyedHash } from '#platform/crypto/index.ts';
import type { Database, UnitOfWork } from '#platform/db/index.ts';
import type { JobHandlers, JobQueue } from '#platform/jobs/index.ts';
import type { SendMail } from '#platform/mail/index.ts';
import type { Logger } from '#platform/observability/logger.ts';
import { systemActor } from './system-actor.ts';

export interface SessionsDeps {
  readonly config: Pick<Config, 'sessions' | 'tokens'>;
  readonly masterKey: Secret<Buffer>;
  readonly db: Database;
  readonly unitOfWork: UnitOfWork;
  readonly appendEvent: AppendEvent;
  readonly authorize: Authorize;
  readonly keyRing: KeyRing;
  readonly proofs: ProofsOfPossession;
  readonly findPlace: FindPlace;
  readonly sessions: SessionStore;
  readonly sessionCache: SessionCache;
  readonly devices: DeviceStore;
  readonly deviceKey: KeyedHash;
  readonly throttles: ThrottleStore;
  readonly throttleKey: KeyedHash;
  readonly jobs: JobQueue;
  readonly users: Pick<UserStore, 'findById'>;
  readonly sendMail: SendMail;
  readonly publicUrl: URL;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly monotonicMs: () => number;
}

/** Sessions with their tokens and devices. How somebody signs in is none of their concern. */
export function composeSessions({ config, masterKey, db, sessions, devices, clock, ...deps }: SessionsDeps) {
  const { unitOfWork, appendEvent } = deps;
  const timeouts = config.sessions;

  const { deviceKey } = deps;
  const recognise = recogniseDevice({
    devices,
    describeClient,
    findPlace: deps.findPlace,
    deviceKey,
    networkOf,
    appendEvent,
    clock,
  });

  const refreshTokens = drizzleRefreshTokenStore();
  const accessTokens = createAccessTokens({ keyRing: deps.keyRing, settings: config.tokens, clock });
  const end = endSessions({ sessions, appendEvent, clock });
  const bindings = sessionBindings({ unitOfWork, endSessions: end, appendEvent, describeClient, clock });
  const issue = issueSession({ sessions, refreshTokens, accessTokens, endSessions: end, bindings, appendEvent, timeouts, clock });
  const policies = { policies: prismaSessionPolicyStore(db), bounds: config.sessions };
  const findPolicy = getSessionPolicy(policies);

  const handlers: JobHandlers = {
    [sendReuseMailTask]: sendReuseMail({ unitOfWork, users: deps.users, sendMail: deps.sendMail, publicUrl: deps.publicUrl }),
    [applySessionPolicyTask]: applySessionPolicy({
      unitOfWork,
      live: drizzleLiveSessionStore(),
      jobs: deps.jobs,
      appendEvent,
      actor: systemActor('session-policy'),
      clock,
    }),
  };

  return {
    accessTokens,
    handlers,
    recogniseDevice: recognise,
    endSessions: end,
    issueSession: issue,
    rotateSession: rotateSession({ sessions, appendEvent, clock }),
    renewAuthentication: renewAuthentication({ sessions, appendEvent, clock }),
    requireFreshAuthentication: requireFreshAuthentication({ maxAgeSeconds: config.sessions.stepUpMaxAgeSeconds, clock }),
    deleteEndedSessions: deleteEndedSessions({
      unitOfWork,
      ended: drizzleEndedSessionStore(),
      retentionSeconds: config.sessions.endedRetentionSeconds,
      clock,
      monotonicMs: deps.monotonicMs,
      rest: (ms) => pause(ms),
    }),
    introspectToken: introspectToken({
      unitOfWork,
      sessions,
      refreshTokens,
      accessTokens,
      authorize: deps.authorize,
      clock,
    }),
    revokeToken: revokeToken({ unitOfWork, sessions, refreshTokens, accessTokens, endSessions: end }),
    authenticate: authenticateRequest({
      sessions: { ...deps.sessionCache, touch: sessions.touch },
      accessTokens,
      proofs: deps.proofs,
      bindings,
      timeouts,
      clock,
      logger: deps.logger,
    }),
    useCases: {
      refreshSession: refreshSession({
        unitOfWork,
        sessions,
        refreshTokens,
        accessTokens,
        endSessions: end,
        bindings,
        jobs: deps.jobs,
        appendEvent,
        countMiss: countMissedRefresh({ unitOfWork, throttles: deps.throttles, throttleKey: deps.throttleKey, clock }),
        rotationKey: deriveSecret(masterKey, 'refresh-token-rotation'),
        timeouts,
        clock,
      }),
      logout: logout({ unitOfWork, endSessions: end }),
      revokeSession: revokeSession({ unitOfWork, endSessions: end }),
      revokeOtherSessions: revokeOtherSessions({ unitOfWork, endSessions: end }),
      getSessionPolicy: findPolicy,
      updateSessionPolicy: updateSessionPolicy({
        ...policies,
        unitOfWork,
        authorize: deps.authorize,
        appendEvent,
        jobs: deps.jobs,
        clock,
      }),
      listDevices: listDevices({ devices }),
      findDevice: findDevice({ devices }),
      findDevices: findDevices({ devices }),
      isTrustedDevice: (device: Parameters<typeof isTrustedDevice>[0]) => isTrustedDevice(device, clock.now()),
      renameDevice: renameDevice({ unitOfWork, devices, appendEvent }),
      revokeDevice: revokeDevice({ unitOfWork, devices, endSessions: end, appendEvent }),
      trustDevice: trustDevice({ unitOfWork, devices, getSessionPolicy: findPolicy, deviceKey, appendEvent, clock }),
      listSessions: listSessions({ sessions, clock }),
      findSession: findSession({ sessions, clock }),
    },
  };
}
