import { type Challenge, solveChallenge } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2';

/** The header with the solution of the challenge that a ChallengeRequiredError carries, as a client makes it. */
export async function solutionOf(challenge: unknown): Promise<{ readonly 'x-challenge-response': string }> {
  const solution = await solveChallenge({ challenge: challenge as Challenge, deriveKey });
  if (!solution) throw new Error('no solution was found');
  return { 'x-challenge-response': Buffer.from(JSON.stringify({ challenge, solution })).toString('base64') };
}
