import { deviceReportTokenPrefix, type GuardToken, linkTo, TokenInvalidError } from '#capabilities/authentication/index.ts';
import { type DeviceReportStore, type DeviceStore, deviceReported } from '#capabilities/devices/index.ts';
import type { AppendEvent } from '#capabilities/events/index.ts';
import type { UserStore, UserWithEmail } from '#capabilities/identity/index.ts';
import type { EndSessions } from '#capabilities/sessions/index.ts';
import type { Actor } from '#kernel/actor.ts';
import { addSeconds, type Clock } from '#kernel/clock.ts';
import { newId } from '#kernel/ids.ts';
import { hashOpaqueToken, isOpaqueToken, newOpaqueToken } from '#platform/crypto/index.ts';
import type { Tx, UnitOfWork } from '#platform/db/index.ts';
import type { SendMail } from '#platform/mail/index.ts';
import { resetMail } from '../passwords.mails.ts';
import type { PasswordCredentialStore, PasswordResetStore } from '../passwords.ports.ts';
import { resetLifetimeSeconds, resetTokenPrefix } from './request-password-reset.ts';

export interface ReportUnknownDeviceDeps {
  readonly unitOfWork: UnitOfWork;
  readonly reports: Pick<DeviceReportStore, 'find' | 'consume'>;
  readonly devices: Pick<DeviceStore, 'forget'>;
  readonly users: Pick<UserStore, 'findById'>;
  readonly credentials: Pick<PasswordCredentialStore, 'disable'>;
  readonly resets: Pick<PasswordResetStore, 'replace'>;
  readonly endSessions: Pick<EndSessions, 'all'>;
  readonly guardToken: GuardToken;
  readonly sendMail: SendMail;
  readonly appendEvent: AppendEvent;
  readonly publicUrl: URL;
  readonly clock: Clock;
}

export type ReportUnknownDevice = (
  actor: Actor,
  input: { readonly token: string },
) => Promise<{ readonly revokedSessionCount: number }>;

/**
 * Takes it from who reads the person's mail that a sign-in was not theirs, once per link: somebody else knows the password.
 * All sessions end, the device is forgotten, the password is disabled until another is set, and the link for that is mailed
 * at once. Throws TokenInvalidError and RateLimitedError.
 */
export const reportUnknownDevice = (deps: ReportUnknownDeviceDeps): ReportUnknownDevice => {
  const { unitOfWork, reports, devices, users, credentials, resets, endSessions, guardToken, appendEvent, clock } = deps;

  async function startRecovery(tx: Tx, { user, emailAddress }: UserWithEmail, now: Date): Promise<void> {
    const token = newOpaqueToken(resetTokenPrefix).reveal();
    const reset = { id: newId('ott'), userId: user.id, createdAt: now, expiresAt: addSeconds(now, resetLifetimeSeconds) };
    await resets.replace(tx, reset, hashOpaqueToken(token));
    await deps.sendMail(tx, resetMail(emailAddress.email, linkTo(deps.publicUrl, '/reset-password', token)));
  }

  return async (actor, { token }) => {
    if (!isOpaqueToken(deviceReportTokenPrefix, token)) throw new TokenInvalidError();
    const tokenHash = hashOpaqueToken(token);
    return guardToken(actor, async () => {
      const reported = await reports.find(tokenHash, clock.now());
      const owner = reported && (await users.findById(reported.userId));
      if (!owner) return null;
      const { userId, deviceId } = reported;
      return unitOfWork.transaction(async (tx) => {
        const now = clock.now();
        if (!(await reports.consume(tx, tokenHash, now))) return null;
        // In the order in which a sign-in takes these rows. The password first: a sign-in by the device that is under way is
        // either seen here or finds its password disabled.
        await credentials.disable(tx, userId, now);
        await devices.forget(tx, userId, deviceId);
        // All of them: who knows the password can come as any number of devices, and forget the one that was told of.
        const revokedSessionCount = await endSessions.all(tx, actor, { userId, reason: 'device_reported' });
        const data = { deviceId, revokedSessionCount };
        await appendEvent(tx, { event: deviceReported, actor, subjectId: userId, data });
        await startRecovery(tx, owner, now);
        return { revokedSessionCount };
      });
    });
  };
};
