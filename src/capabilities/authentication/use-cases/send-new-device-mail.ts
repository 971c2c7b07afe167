import type { DeviceReportStore, Place } from '#capabilities/devices/index.ts';
import type { UserStore } from '#capabilities/identity/index.ts';
import { addSeconds, type Clock, secondsUntil } from '#kernel/clock.ts';
import type { DeviceId, UserId } from '#kernel/ids.ts';
import { hashOpaqueToken, type KeyedHash } from '#platform/crypto/index.ts';
import type { UnitOfWork } from '#platform/db/index.ts';
import type { JobHandler, JobQueue } from '#platform/jobs/index.ts';
import type { SendMail } from '#platform/mail/index.ts';
import { linkTo, newDeviceMail } from '../authentication.mails.ts';
import type { ThrottleStore } from '../authentication.ports.ts';
import { throttlePolicies } from '../throttle.ts';

export const deviceReportTokenPrefix = 'sdr';
export const sendNewDeviceMailTask = 'new-device-mail.send';
// People read such mail late: on Monday, or after a journey.
const lifetimeSeconds = 7 * 86_400;

export interface SendNewDeviceMailDeps {
  readonly unitOfWork: UnitOfWork;
  readonly users: Pick<UserStore, 'findById'>;
  readonly reports: Pick<DeviceReportStore, 'replace'>;
  readonly throttles: Pick<ThrottleStore, 'reserve'>;
  readonly throttleKey: KeyedHash;
  readonly jobs: JobQueue;
  readonly sendMail: SendMail;
  readonly publicUrl: URL;
  readonly clock: Clock;
}

/**
 * Tells a person of a device that they had not used before, with a link by which they say that it was not them. Whoever
 * knows the password could cause any number of such mails: after the first few they come slowly, and of those that wait only
 * the newest, whose link ends all sessions as any does. The events are complete.
 */
export const sendNewDeviceMail =
  ({ unitOfWork, users, reports, throttles, throttleKey, jobs, sendMail, publicUrl, clock }: SendNewDeviceMailDeps): JobHandler =>
  async (payload) => {
    const owner = await users.findById(payload['userId'] as UserId);
    if (!owner) return;
    const { email } = owner.emailAddress;
    const at = new Date(String(payload['at']));
    const token = String(payload['token']);
    await unitOfWork.hotTransaction(async (tx) => {
      const policy = throttlePolicies.deviceMail;
      const key = throttleKey(`${policy.kind}:${email.normalised}`);
      const now = clock.now();
      const { blockedUntil } = await throttles.reserve(tx, key, policy, now);
      if (blockedUntil) {
        const later = { key: `device-mail:${key.toString('base64url')}`, delaySeconds: secondsUntil(now, blockedUntil) };
        await jobs.enqueue(tx, sendNewDeviceMailTask, payload, later);
        return;
      }
      await reports.replace(tx, payload['deviceId'] as DeviceId, hashOpaqueToken(token), addSeconds(at, lifetimeSeconds));
      const signIn = { family: String(payload['family']), place: payload['place'] as Place | null, at };
      await sendMail(tx, newDeviceMail(email, signIn, linkTo(publicUrl, '/unknown-device', token)));
    });
  };
