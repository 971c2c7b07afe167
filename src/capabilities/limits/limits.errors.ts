import { AppError, describeError } from '#kernel/app-error.ts';
import type { ChallengeProvider } from '#platform/challenge/index.ts';

const challengeRequired = describeError({
  code: 'CHALLENGE_REQUIRED',
  status: 429,
  message: 'Solve the challenge and try again.',
  remedy:
    'There were many attempts. Solve `challenge` and send the same request again with the solution in the header X-Challenge-Response; each solution is good for one attempt. Nothing was changed or counted.',
});

/** So many attempts came that the next one costs the caller some work. */
export class ChallengeRequiredError extends AppError {
  /** Issues the challenge for who asks for it: a flood that reads no answers costs none. */
  readonly provider: Pick<ChallengeProvider, 'kind' | 'issue'>;

  constructor(provider: Pick<ChallengeProvider, 'kind' | 'issue'>) {
    super(challengeRequired);
    this.provider = provider;
  }
}
