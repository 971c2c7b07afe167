import type { UserStore } from '#capabilities/identity/index.ts';
import type { UserId } from '#kernel/ids.ts';
import type { UnitOfWork } from '#platform/db/index.ts';
import type { JobHandler } from '#platform/jobs/index.ts';
import type { SendMail } from '#platform/mail/index.ts';
import { refreshTokenReusedMail } from '../sessions.mails.ts';

export const sendReuseMailTask = 'refresh-token-reused-mail.send';

export interface SendReuseMailDeps {
  readonly unitOfWork: UnitOfWork;
  readonly users: Pick<UserStore, 'findById'>;
  readonly sendMail: SendMail;
  readonly publicUrl: URL;
}

/** Tells a person that a copy of a refresh token turned up. One mail a session: it ended with that. */
export const sendReuseMail =
  ({ unitOfWork, users, sendMail, publicUrl }: SendReuseMailDeps): JobHandler =>
  async (payload) => {
    const owner = await users.findById(payload['userId'] as UserId);
    if (!owner) return;
    const mail = refreshTokenReusedMail(owner.emailAddress.email, new Date(String(payload['at'])), publicUrl);
    await unitOfWork.hotTransaction((tx) => sendMail(tx, mail));
  };
