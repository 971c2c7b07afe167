import type { Clock } from '#kernel/clock.ts';
import { clockToleranceSeconds } from '#kernel/clock.ts';
import { type DpopNonces, DpopProofInvalidError, type VerifiedDpopProof, verifyDpopProof } from '#platform/crypto/index.ts';
import type { Session } from './session.ts';
import { AccessTokenInvalidError, DpopNonceRequiredError, ProofOfPossessionInvalidError } from './sessions.errors.ts';
import type { ProofReplayGuard } from './sessions.ports.ts';
import type { Credential } from './use-cases/authenticate-request.ts';

/** What a request with a proof asks for: the path of its door, and how. The Host header says nothing here. */
export interface RequestTarget {
  readonly method: string;
  readonly path: string;
}

/** Proofs by keys of clients (DPoP, RFC 9449). */
export interface ProofsOfPossession {
  /**
   * The thumbprint of the key that this request proves to hold, null when it brings no proof; asked several times it is one
   * use of the proof. The promise rejects with ProofOfPossessionInvalidError and DpopNonceRequiredError.
   */
  ofRequest(proof: string | undefined, target: RequestTarget): () => Promise<string | null>;
  /**
   * A session that is bound to a key answers to a proof by that key alone, one that is not to none (RFC 9449, 7.1 and 7.2):
   * a stolen token is nothing without the key. Throws AccessTokenInvalidError and what `ofRequest` rejects with.
   */
  assertOf(session: Pick<Session, 'dpopJkt'>, credential: Credential): Promise<void>;
  /** The nonce that clients have to use next; null where none is demanded. */
  nonce(): string | null;
}

export interface ProofsOfPossessionDeps {
  readonly publicUrl: URL;
  readonly replays: ProofReplayGuard;
  readonly nonces: DpopNonces;
  readonly nonceRequired: boolean;
  readonly clock: Clock;
}

// Long enough for a slow network, short enough that few proofs have to be remembered.
const proofLifetimeSeconds = 60;
// From the earliest moment at which a proof is taken to the last.
const rememberedMs = (proofLifetimeSeconds + 2 * clockToleranceSeconds) * 1000;

export function createProofsOfPossession(deps: ProofsOfPossessionDeps): ProofsOfPossession {
  const { publicUrl, replays, nonces, nonceRequired, clock } = deps;

  function verify(proof: string, { method, path }: RequestTarget, accessToken?: string): VerifiedDpopProof {
    const verified = attempt(proof, {
      method,
      target: publicUrl.origin + path,
      now: clock.now(),
      maxAgeSeconds: proofLifetimeSeconds,
      clockToleranceSeconds,
      ...(accessToken === undefined ? {} : { accessToken }),
    });
    // A nonce that is brought counts even where none is demanded: it says when the proof was made.
    const { nonce } = verified;
    if (nonce === undefined ? nonceRequired : !nonces.isValid(nonce)) throw new DpopNonceRequiredError(nonces.current());
    return verified;
  }

  async function spend({ thumbprint, jti }: VerifiedDpopProof): Promise<void> {
    // Remembered by key and jti, so that nobody can use up the jti of another client.
    if (!(await replays.isFirstUse(`${thumbprint}.${jti}`, rememberedMs))) throw new ProofOfPossessionInvalidError();
  }

  return {
    ofRequest: (proof, target) => {
      let proven: Promise<string | null> | undefined;
      const prove = async () => {
        if (proof === undefined) return null;
        const verified = verify(proof, target);
        await spend(verified);
        return verified.thumbprint;
      };
      return () => {
        proven ??= prove();
        return proven;
      };
    },
    assertOf: async ({ dpopJkt }, credential) => {
      if (credential.kind !== 'dpop') {
        // A connection that was authenticated before proved the key then.
        if (dpopJkt !== null && credential.kind !== 'session') throw new AccessTokenInvalidError();
        return;
      }
      if (dpopJkt === null) throw new AccessTokenInvalidError();
      if (credential.proof === undefined) throw new ProofOfPossessionInvalidError();
      const verified = verify(credential.proof, credential.target, credential.token);
      // Compared before it is remembered: with keys of their own, strangers could fill the memory for used proofs.
      if (verified.thumbprint !== dpopJkt) throw new AccessTokenInvalidError();
      await spend(verified);
    },
    nonce: () => (nonceRequired ? nonces.current() : null),
  };
}

function attempt(...[proof, options]: Parameters<typeof verifyDpopProof>): VerifiedDpopProof {
  try {
    return verifyDpopProof(proof, options);
  } catch (cause) {
    throw cause instanceof DpopProofInvalidError ? new ProofOfPossessionInvalidError({ cause }) : cause;
  }
}
