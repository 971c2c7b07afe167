export type JwsInvalidReason =
  | 'algorithm'
  | 'audience'
  | 'claims'
  | 'critical'
  | 'expired'
  | 'header'
  | 'issuer'
  | 'key'
  | 'malformed'
  | 'not_yet_valid'
  | 'signature'
  | 'too_large'
  | 'type';

/**
 * A token that is not accepted. `reason` is for logs, metrics and for telling an expired token from a bad one; doors answer
 * every reason alike. Holds nothing of the token.
 */
export class JwsInvalidError extends Error {
  readonly reason: JwsInvalidReason;

  constructor(reason: JwsInvalidReason) {
    super(`token refused: ${reason}`);
    this.name = 'JwsInvalidError';
    this.reason = reason;
  }
}
