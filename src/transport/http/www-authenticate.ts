import { DpopNonceRequiredError, ProofOfPossessionInvalidError, StepUpRequiredError } from '#capabilities/sessions/index.ts';
import type { AppError } from '#kernel/app-error.ts';
import { dpopAlgorithms } from '#platform/crypto/index.ts';

type Parameters = readonly (readonly [string, string])[];

/**
 * The WWW-Authenticate header of a 401: what kinds of credential would help, and what was wrong with this one (RFC 6750, 3;
 * RFC 9449, 7.1; RFC 9470, 3). A client reads the challenge of the scheme that it used.
 */
export function wwwAuthenticate(error: AppError): string {
  const algorithms: Parameters = [['algs', dpopAlgorithms.join(' ')]];
  if (error instanceof ProofOfPossessionInvalidError) return challenge('DPoP', [['error', 'invalid_dpop_proof'], ...algorithms]);
  if (error instanceof DpopNonceRequiredError) return challenge('DPoP', [['error', 'use_dpop_nonce'], ...algorithms]);
  const wrong = whatIsWrong(error);
  return `${challenge('Bearer', wrong)}, ${challenge('DPoP', [...wrong, ...algorithms])}`;
}

/** The `error` of that challenge; undefined for a request that brought no credential. */
export function errorOf(error: AppError): string | undefined {
  return /error="([a-z_]+)"/.exec(wwwAuthenticate(error))?.[1];
}

/** The challenge of a 403: the credential is good, but not for this (RFC 6750, 3.1; RFC 9449, 7.1). */
export function insufficientScope(scope: string): string {
  const wrong: Parameters = [
    ['error', 'insufficient_scope'],
    ['scope', scope],
  ];
  return `${challenge('Bearer', wrong)}, ${challenge('DPoP', [...wrong, ['algs', dpopAlgorithms.join(' ')]])}`;
}

function whatIsWrong(error: AppError): Parameters {
  if (error.code === 'ACCESS_TOKEN_INVALID') return [['error', 'invalid_token']];
  if (error instanceof StepUpRequiredError)
    return [
      ['error', 'insufficient_user_authentication'],
      ['acr_values', error.acrValues.join(' ')],
      ['max_age', String(error.maxAgeSeconds)],
    ];
  return [];
}

/** The values are ours: none holds a quotation mark or a backslash. */
function challenge(scheme: string, parameters: Parameters): string {
  const written = parameters.map(([name, value]) => `${name}="${value}"`).join(', ');
  return written === '' ? scheme : `${scheme} ${written}`;
}
