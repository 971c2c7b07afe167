import { z } from 'zod';
import {
  type IdempotentRequest,
  linkTo,
  networkOf,
  type RunOnce,
  type ThrottleStore,
  throttlePolicies,
} from '#capabilities/authentication/index.ts';
import type { AppendEvent } from '#capabilities/events/index.ts';
import { parseEmail, type UserStore } from '#capabilities/identity/index.ts';
import type { Actor } from '#kernel/actor.ts';
import { addSeconds, type Clock, secondsUntil } from '#kernel/clock.ts';
import { InvalidInputError, RateLimitedError } from '#kernel/errors.ts';
import { newId } from '#kernel/ids.ts';
import { hashOpaqueToken, type KeyedHash, newOpaqueToken } from '#platform/crypto/index.ts';
import type { UnitOfWork } from '#platform/db/index.ts';
import type { JobHandler, JobQueue } from '#platform/jobs/index.ts';
import type { SendMail } from '#platform/mail/index.ts';
import { passwordResetRequested } from '../passwords.events.ts';
import { resetMail } from '../passwords.mails.ts';
import type { PasswordResetStore } from '../passwords.ports.ts';

export const resetTokenPrefix = 'srp';
export const sendPasswordResetTask = 'password-reset.send';
export const resetLifetimeSeconds = 3_600;
const queued = z.object({ normalised: z.string().min(3), ipAddress: z.string(), userAgent: z.string() });

export interface RequestPasswordResetDeps {
  readonly unitOfWork: UnitOfWork;
  readonly throttles: Pick<ThrottleStore, 'reserve'>;
  readonly throttleKey: KeyedHash;
  readonly jobs: JobQueue;
  readonly runOnce: RunOnce;
  readonly clock: Clock;
}

export type RequestPasswordReset = (
  actor: Actor,
  input: { readonly email: string },
  request?: IdempotentRequest,
) => Promise<{ readonly email: string }>;

/**
 * Takes the wish for a reset link. Whether the address has an account is looked up by the job, later: the answer, and the
 * time that it takes, are the same. A `request` sent again is answered without being done again. Throws InvalidInputError,
 * RateLimitedError, and what `runOnce` throws.
 */
export const requestPasswordReset =
  ({ unitOfWork, throttles, throttleKey, jobs, runOnce, clock }: RequestPasswordResetDeps): RequestPasswordReset =>
  async (actor, input, request) => {
    const email = parseEmail(input.email);
    if (!email.ok) throw new InvalidInputError([{ path: 'input.email', message: email.problem }]);
    const answer = { email: email.value.address };
    const once = { operation: 'requestPasswordReset', request, payload: [answer.email], replay: answer };
    return runOnce(actor, once, async (settle) => {
      const { ipAddress, userAgent } = actor.origin;
      const policy = throttlePolicies.registerNetwork;
      const blockedUntil = await unitOfWork.hotTransaction(async (tx) => {
        const reserved = await throttles.reserve(tx, throttleKey(`${policy.kind}:${networkOf(ipAddress)}`), policy, clock.now());
        if (reserved.blockedUntil) return reserved.blockedUntil;
        await settle(tx);
        await jobs.enqueue(tx, sendPasswordResetTask, { normalised: email.value.normalised, ipAddress, userAgent });
        return null;
      });
      if (blockedUntil) throw new RateLimitedError(secondsUntil(clock.now(), blockedUntil));
      return answer;
    });
  };

export interface SendPasswordResetDeps {
  readonly unitOfWork: UnitOfWork;
  readonly users: Pick<UserStore, 'findByEmail'>;
  readonly resets: Pick<PasswordResetStore, 'replace'>;
  readonly throttles: Pick<ThrottleStore, 'reserve'>;
  readonly throttleKey: KeyedHash;
  readonly sendMail: SendMail;
  readonly appendEvent: AppendEvent;
  readonly publicUrl: URL;
  readonly correlationId: () => string;
  readonly clock: Clock;
}

/** Mails a reset link to an address that has an account, but not too many of them. A newer link replaces the older. */
export const sendPasswordReset =
  ({
    unitOfWork,
    users,
    resets,
    throttles,
    throttleKey,
    sendMail,
    appendEvent,
    publicUrl,
    correlationId,
    clock,
  }: SendPasswordResetDeps): JobHandler =>
  async (payload) => {
    const { normalised, ipAddress, userAgent } = queued.parse(payload);
    const owner = await users.findByEmail(normalised);
    if (owner?.user.status !== 'active') return;
    const origin = { ipAddress, userAgent, correlationId: correlationId() };
    await unitOfWork.transaction(async (tx) => {
      const now = clock.now();
      const policy = throttlePolicies.resetMail;
      const { blockedUntil } = await throttles.reserve(tx, throttleKey(`${policy.kind}:${normalised}`), policy, now);
      // Nothing is kept for later: the last link that was sent is still good.
      if (blockedUntil) return;
      const token = newOpaqueToken(resetTokenPrefix);
      const reset = { id: newId('ott'), userId: owner.user.id, createdAt: now, expiresAt: addSeconds(now, resetLifetimeSeconds) };
      await resets.replace(tx, reset, hashOpaqueToken(token.reveal()));
      await appendEvent(tx, { event: passwordResetRequested, actor: { kind: 'anonymous', origin }, subjectId: owner.user.id });
      await sendMail(tx, resetMail(owner.emailAddress.email, linkTo(publicUrl, '/reset-password', token.reveal())));
    });
  };
