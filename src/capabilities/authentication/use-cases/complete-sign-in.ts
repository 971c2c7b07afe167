import type { AssessSignIn, DeviceStore, RecogniseDevice, RecognisedDevice } from '#capabilities/devices/index.ts';
import type { AppendEvent } from '#capabilities/events/index.ts';
import type { EndSessions, IssuedSession, IssueSession, RefusedSession, TokenDelivery } from '#capabilities/sessions/index.ts';
import type { Actor } from '#kernel/actor.ts';
import type { Clock } from '#kernel/clock.ts';
import type { OrganisationId, UserId } from '#kernel/ids.ts';
import type { Secret } from '#kernel/secret.ts';
import { newOpaqueToken } from '#platform/crypto/index.ts';
import type { HotTx } from '#platform/db/index.ts';
import type { JobQueue } from '#platform/jobs/index.ts';
import { loginSucceeded } from '../authentication.events.ts';
import { deviceReportTokenPrefix, sendNewDeviceMailTask } from './send-new-device-mail.ts';

export interface CompleteSignInDeps {
  readonly recogniseDevice: RecogniseDevice;
  readonly devices: Pick<DeviceStore, 'forget'>;
  readonly assessSignIn: AssessSignIn;
  readonly issueSession: IssueSession;
  readonly endSessions: Pick<EndSessions, 'one'>;
  readonly jobs: JobQueue;
  readonly appendEvent: AppendEvent;
  readonly clock: Clock;
}

export interface ProvenSignIn {
  readonly actor: Actor;
  readonly userId: UserId;
  readonly organisationId: OrganisationId;
  /** How the person proved who they are (RFC 8176). */
  readonly amr: readonly string[];
  readonly delivery: TokenDelivery;
  /** The key that the tokens shall be bound to (RFC 9449). */
  readonly dpopJkt?: string | null;
  /** Attempts at the account since its last sign-in that came to nothing. */
  readonly failuresBefore: number;
}

/** `deviceCookie` is what a browser is known by from now on; null where it is known by something else. */
export type SignedIn = IssuedSession & { readonly deviceCookie: Secret<string> | null };

/** Its outcome is to be committed also where it is a refusal: that is recorded. */
export type CompleteSignIn = (tx: HotTx, input: ProvenSignIn) => Promise<SignedIn | RefusedSession>;

/**
 * Where every way of signing in ends: device, session and event, in the transaction that settled the proof. A device that
 * is new to a person who has others is told to them by mail, also where the session is refused: somebody knows the proof.
 */
export const completeSignIn = (deps: CompleteSignInDeps): CompleteSignIn => {
  const { recogniseDevice, devices, assessSignIn, issueSession, endSessions, jobs, appendEvent, clock } = deps;

  async function tellOfNewDevice(tx: HotTx, userId: UserId, { id, family, place }: RecognisedDevice): Promise<void> {
    const token = newOpaqueToken(deviceReportTokenPrefix).reveal();
    const at = clock.now().toISOString();
    const where = place && { country: place.country, city: place.city };
    await jobs.enqueue(tx, sendNewDeviceMailTask, { userId, deviceId: id, family, place: where, at, token });
  }

  return async (tx, input) => {
    const { actor, userId, organisationId, amr, delivery, dpopJkt, failuresBefore } = input;
    const canKeepCookie = delivery === 'cookie';
    const device = await recogniseDevice(tx, { actor, userId, organisationId, canKeepCookie });
    const isNewDevice = device.isNew && !device.isFirst;
    if (isNewDevice) await tellOfNewDevice(tx, userId, device);
    // The cookie that is replaced was all that held its session (ASVS 5.0, 7.2.4): that one ends with it.
    const replaced = delivery === 'cookie' && actor.kind === 'user' ? actor : null;
    const replaces = replaced?.sessionId ?? null;
    const issued = await issueSession(tx, {
      actor,
      userId,
      organisationId,
      amr,
      delivery,
      ...(dpopJkt === undefined ? {} : { dpopJkt }),
      deviceId: device.id,
      replaces,
    });
    if ('refused' in issued) {
      // Nobody has signed in by it: the first who does must be told of as by a new one.
      if (device.isNew) await devices.forget(tx, userId, device.id);
      return issued;
    }
    if (replaced) await endSessions.one(tx, actor, { ...replaced, reason: 'logout' });
    const signals = [...assessSignIn({ isNewDevice, failuresBefore })];
    await appendEvent(tx, {
      event: loginSucceeded,
      actor,
      subjectId: userId,
      organisationId,
      sessionId: issued.session.id,
      data: {
        amr: [...amr],
        delivery,
        deviceId: device.id,
        signals,
        ...(issued.session.dpopJkt === null ? {} : { senderConstrained: 'dpop' }),
      },
    });
    return { ...issued, deviceCookie: device.cookie };
  };
};
