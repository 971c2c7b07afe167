import { z } from 'zod';
import type { AppendEvent } from '#capabilities/events/index.ts';
import type { UserStore } from '#capabilities/identity/index.ts';
import type { Actor } from '#kernel/actor.ts';
import { type Clock, secondsUntil } from '#kernel/clock.ts';
import { isId, type RegistrationId } from '#kernel/ids.ts';
import { hashOpaqueToken, isOpaqueToken, type KeyedHash } from '#platform/crypto/index.ts';
import type { UnitOfWork } from '#platform/db/index.ts';
import type { JobHandler, JobQueue } from '#platform/jobs/index.ts';
import type { SendMail } from '#platform/mail/index.ts';
import { registrationRepeated } from '../authentication.events.ts';
import { alreadyRegisteredMail, confirmAddressMail, linkTo } from '../authentication.mails.ts';
import type { RegistrationStore, ThrottleStore } from '../authentication.ports.ts';
import { isPending, verificationTokenPrefix } from '../registration.ts';
import { throttlePolicies } from '../throttle.ts';

export const sendRegistrationMailTask = 'registration.send-mail';

const queued = z.object({
  registrationId: z.custom<RegistrationId>((id) => isId('reg', id)),
  token: z.string().refine((token) => isOpaqueToken(verificationTokenPrefix, token)),
});

export interface SendRegistrationMailDeps {
  readonly unitOfWork: UnitOfWork;
  readonly registrations: Pick<RegistrationStore, 'findById' | 'replaceToken'>;
  readonly users: Pick<UserStore, 'findByEmail'>;
  readonly throttles: Pick<ThrottleStore, 'reserve'>;
  readonly throttleKey: KeyedHash;
  readonly jobs: JobQueue;
  readonly sendMail: SendMail;
  readonly appendEvent: AppendEvent;
  readonly publicUrl: URL;
  readonly actor: () => Actor;
  readonly clock: Clock;
}

/**
 * The second half of signing up, where nobody waits and time tells nothing: mails the confirmation link, or tells the owner
 * of the address that somebody signed up with it. An address that gets too much mail this way gets none for a while, and then
 * the link of the newest sign-up: a stranger's sign-ups delay the link of the owner, but never keep it away.
 */
export const sendRegistrationMail =
  ({
    unitOfWork,
    registrations,
    users,
    throttles,
    throttleKey,
    jobs,
    sendMail,
    appendEvent,
    publicUrl,
    actor,
    clock,
  }: SendRegistrationMailDeps): JobHandler =>
  async (payload) => {
    const { registrationId, token } = queued.parse(payload);
    const registration = await registrations.findById(registrationId);
    if (!registration || !isPending(registration, clock.now())) return;
    const owner = await users.findByEmail(registration.email.normalised);
    await unitOfWork.transaction(async (tx) => {
      const policy = throttlePolicies.signUpMail;
      const now = clock.now();
      const key = throttleKey(`${policy.kind}:${registration.email.normalised}`);
      const { blockedUntil } = await throttles.reserve(tx, key, policy, now);
      if (!owner) {
        if (blockedUntil) {
          const later = { key: key.toString('base64url'), delaySeconds: secondsUntil(now, blockedUntil) };
          await jobs.enqueue(tx, sendRegistrationMailTask, payload, later);
          return;
        }
        await registrations.replaceToken(tx, registration.id, hashOpaqueToken(token));
        const link = linkTo(publicUrl, '/verify-email', token);
        await sendMail(tx, confirmAddressMail(registration.email, link));
        return;
      }
      // The sign-up stays until it expires, with a link that nobody was sent: signing in with its password is answered as if
      // the address had no account.
      await appendEvent(tx, {
        event: registrationRepeated,
        actor: actor(),
        subjectId: owner.user.id,
        data: { registrationId: registration.id },
      });
      if (!blockedUntil) await sendMail(tx, alreadyRegisteredMail(owner.emailAddress.email, publicUrl));
    });
  };
