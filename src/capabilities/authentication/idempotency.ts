/** By what a client marks a request that it may send again (draft-ietf-httpapi-idempotency-key-header, 2.1). */
export interface IdempotentRequest {
  readonly key: string;
  /** The response key of the field: several fields of one document are several requests. */
  readonly field: string;
}

/** How long a completed request is remembered. */
export const rememberedSeconds = 86_400;
/** How long one run may take. Longer than all timeouts on its way; after it, the node that began it is taken for dead. */
export const lockSeconds = 60;

const quoted = /^"([\x21\x23-\x5b\x5d-\x7e]{8,128})"$/;
const bare = /^[A-Za-z0-9._:-]{8,128}$/;

/**
 * The key in an `Idempotency-Key` header: a string of Structured Fields (RFC 9651, 3.3.3) or, as many clients write it, the
 * same without its quotes; 8 to 128 visible characters. Null for anything else.
 */
export function parseIdempotencyKey(header: string): string | null {
  return bare.test(header) ? header : (quoted.exec(header)?.[1] ?? null);
}
