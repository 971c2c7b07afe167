import { describe, expect, it } from 'vitest';
import {
  AccessTokenInvalidError,
  DpopNonceRequiredError,
  ProofOfPossessionInvalidError,
  StepUpRequiredError,
} from '#capabilities/sessions/index.ts';
import { UnauthenticatedError } from '#kernel/errors.ts';
import { wwwAuthenticate } from './www-authenticate.ts';

const algs = 'algs="ES256 EdDSA"';
const stepUp = 'error="insufficient_user_authentication", acr_values="urn:sallyport:aal2", max_age="600"';

describe('the challenge of a 401', () => {
  it.each([
    [new UnauthenticatedError(), `Bearer, DPoP ${algs}`],
    [new AccessTokenInvalidError(), `Bearer error="invalid_token", DPoP error="invalid_token", ${algs}`],
    [new ProofOfPossessionInvalidError(), `DPoP error="invalid_dpop_proof", ${algs}`],
    [new DpopNonceRequiredError('n'), `DPoP error="use_dpop_nonce", ${algs}`],
    [
      new StepUpRequiredError({ maxAgeSeconds: 600, acrValues: ['urn:sallyport:aal2'] }),
      `Bearer ${stepUp}, DPoP ${stepUp}, ${algs}`,
    ],
  ])('names each scheme that helps and what was wrong: $code', (error, expected) => {
    expect(wwwAuthenticate(error)).toBe(expected);
  });
});
