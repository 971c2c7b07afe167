import { type PasswordEnrolment, PasswordRejectedError } from '#capabilities/authentication/index.ts';
import type { Email, Organisation } from '#capabilities/identity/index.ts';
import type { PasswordHasher } from '#platform/crypto/index.ts';
import type { BreachedPasswords } from '../breached-passwords.ts';
import { parsePassword } from '../password.ts';
import { acceptPassword, requiredMinLength } from '../password-policy.ts';
import type { PasswordCredentialStore } from '../passwords.ports.ts';

export interface EnrolPasswordDeps {
  readonly hasher: PasswordHasher;
  readonly breached: BreachedPasswords;
  readonly credentials: Pick<PasswordCredentialStore, 'store'>;
  readonly serviceName: string;
}

/** How every new password comes in: read, screened by the organisation's policy, hashed. */
export function enrolPassword({ hasher, breached, credentials, serviceName }: EnrolPasswordDeps): PasswordEnrolment {
  return {
    prepare: async ({ password, email, displayName, organisation }) => {
      const minLength = minLengthOf(organisation);
      const accepted = acceptPassword(password, {
        minLength,
        personal: personalWords(email, displayName, organisation, serviceName),
        isBreached: (text) => breached.has(text),
      });
      if (!accepted.ok) throw new PasswordRejectedError(accepted.rejections, minLength);
      return hasher.hash(accepted.value);
    },
    verify: async (hash, password) => {
      const parsed = parsePassword(password);
      return parsed.ok && hasher.verify(hash, parsed.value);
    },
    store: (tx, userId, hash, at) => credentials.store(tx, userId, hash, at),
  };
}

/** No factor but the password can be required yet, so the password alone signs in. */
export function minLengthOf(organisation: Organisation): number {
  return requiredMinLength({ organisationMinLength: organisation.passwordMinLength, secondFactorRequired: false });
}

function personalWords(email: Email, displayName: string, organisation: Organisation, serviceName: string) {
  return { email: email.normalised, displayName, serviceNames: [organisation.name, organisation.slug, serviceName] };
}
