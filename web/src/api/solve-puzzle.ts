import { type Challenge, solveChallenge } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/web/pbkdf2';

const longestMs = 60_000;

/** Does the work that an ALTCHA challenge asks for, a second or so. Null when it takes more than a minute or is none. */
export async function solvePuzzle(puzzle: object): Promise<string | null> {
  try {
    const challenge = puzzle as Challenge;
    const solution = await solveChallenge({ challenge, deriveKey, timeout: longestMs });
    return solution && btoa(JSON.stringify({ challenge, solution }));
  } catch {
    return null;
  }
}
