import type { JwsAlgorithm } from './jws-algorithms.ts';
import type { JwsHeader } from './jws-header.ts';

/** What was read from headers before, by their exact text in base64url. */
export interface KnownHeaders {
  /** Undefined for a text that is not known, or whose algorithm is none of `algorithms`. */
  find(text: string, algorithms: readonly JwsAlgorithm[]): JwsHeader | undefined;
  /** To be called when the signature over it was found good, and never before. */
  remember(text: string, header: JwsHeader): void;
}

// As many keys as any issuer publishes, and more.
const mostHeaders = 16;

/**
 * For a caller that sees few headers again and again. Nobody without the key can get one in, and it stands for nothing but
 * itself: which key is good for it is asked each time.
 */
export function createKnownHeaders(): KnownHeaders {
  const headers = new Map<string, JwsHeader>();
  return {
    find: (text, algorithms) => {
      const header = headers.get(text);
      return header !== undefined && algorithms.includes(header.alg) ? header : undefined;
    },
    remember: (text, header) => {
      if (headers.size >= mostHeaders) headers.clear();
      // A copy: a piece of a longer text keeps all of it in memory, here a token, which is a secret.
      headers.set(Buffer.from(text, 'latin1').toString('latin1'), header);
    },
  };
}
