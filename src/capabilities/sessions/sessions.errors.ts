import { AppError, type AppErrorOptions, describeError } from '#kernel/app-error.ts';

const accessTokenInvalid = describeError({
  code: 'ACCESS_TOKEN_INVALID',
  status: 401,
  message: 'The access token is not valid or its session has ended.',
  remedy:
    'Get a new access token with `refreshSession`, without an Authorization header, or sign in again (RFC 6750, 3.1: `invalid_token`).',
});

/** The Bearer credential of a request does not hold. A request that brings one is never served as if it had brought none. */
export class AccessTokenInvalidError extends AppError {
  constructor(options?: AppErrorOptions) {
    super(accessTokenInvalid, options);
  }
}

const refreshTokenInvalid = describeError({
  code: 'REFRESH_TOKEN_INVALID',
  status: 401,
  message: 'The refresh token is not valid any more. Sign in again.',
  remedy:
    'It is unknown, expired, revoked, or was used before (RFC 6749, 5.2: `invalid_grant`). The person has to sign in again.',
});

export class RefreshTokenInvalidError extends AppError {
  constructor(options?: AppErrorOptions) {
    super(refreshTokenInvalid, options);
  }
}

const stepUpRequired = describeError({
  code: 'STEP_UP_REQUIRED',
  status: 401,
  message: 'Confirm that it is you to do this.',
  remedy:
    'The person proved who they are too long ago, or not strongly enough (RFC 9470: `insufficient_user_authentication`). Call `reauthenticate`, or sign in again by one of `acrValues`, not longer than `maxAgeSeconds` ago, and repeat the request.',
});

/** The session is good, but a dangerous operation wants a fresher or stronger proof than it began with. */
export class StepUpRequiredError extends AppError {
  /** RFC 9470, 3: `max_age` and `acr_values`. */
  readonly maxAgeSeconds: number;
  readonly acrValues: readonly string[];

  constructor({ maxAgeSeconds, acrValues }: { readonly maxAgeSeconds: number; readonly acrValues: readonly string[] }) {
    super(stepUpRequired);
    this.maxAgeSeconds = maxAgeSeconds;
    this.acrValues = acrValues;
  }

  override get details() {
    return { maxAgeSeconds: this.maxAgeSeconds, acrValues: this.acrValues };
  }
}

const proofInvalid = describeError({
  code: 'DPOP_PROOF_INVALID',
  status: 401,
  message: 'The DPoP proof is missing or does not hold.',
  remedy:
    'Make a new proof for each request: `typ` dpop+jwt, ES256 or EdDSA, `htm` and `htu` of this request by the public URL, a new `jti`, `iat` of now, and `ath` when an access token comes with it (RFC 9449, 4.2: `invalid_dpop_proof`).',
});

/** The proof of possession that came with a request is not good, or there is none where one is needed. */
export class ProofOfPossessionInvalidError extends AppError {
  constructor(options?: AppErrorOptions) {
    super(proofInvalid, options);
  }
}

const nonceRequired = describeError({
  code: 'DPOP_NONCE_REQUIRED',
  status: 401,
  message: 'The DPoP proof needs the nonce of this server.',
  remedy:
    'Repeat the request with a new proof whose `nonce` is the value of the DPoP-Nonce header of this answer (RFC 9449, 8 and 9: `use_dpop_nonce`). Over a WebSocket it follows `use_dpop_nonce` in the reason of the close.',
});

/** The proof is good but for the server's nonce, which it lacks or repeats too late. */
export class DpopNonceRequiredError extends AppError {
  readonly nonce: string;

  constructor(nonce: string) {
    super(nonceRequired);
    this.nonce = nonce;
  }
}

const networkNotAllowed = describeError({
  code: 'NETWORK_NOT_ALLOWED',
  status: 403,
  message: 'Your organisation lets nobody sign in from this network.',
  remedy:
    'The organisation names the networks in which its sessions may be used. Sign in from one of them, such as the office or its VPN. The password was right.',
});

export class NetworkNotAllowedError extends AppError {
  constructor(options?: AppErrorOptions) {
    super(networkNotAllowed, options);
  }
}

const sessionLimitReached = describeError({
  code: 'SESSION_LIMIT_REACHED',
  status: 409,
  message: 'You are signed in in too many places. Sign out in one of them first.',
  remedy:
    'The organisation allows a person only so many sessions at once and refuses further ones. End one with `revokeSession` or `logout`, or let it run out. The password was right.',
});

export class SessionLimitReachedError extends AppError {
  /** How many sessions the organisation allows. */
  readonly limit: number;

  constructor(limit: number) {
    super(sessionLimitReached);
    this.limit = limit;
  }
}
