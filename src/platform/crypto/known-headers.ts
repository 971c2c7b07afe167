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
  // A list, since comparing with the one or two that there are takes less time than a hash over the text.
  const headers: { readonly text: string; readonly header: JwsHeader }[] = [];
  return {
    find: (text, algorithms) => {
      for (const known of headers)
        if (known.text === text) return algorithms.includes(known.header.alg) ? known.header : undefined;
      return undefined;
    },
    remember: (text, header) => {
      if (headers.length >= mostHeaders) headers.length = 0;
      // A copy: a piece of a longer text keeps all of it in memory, here a token, which is a secret.
      headers.push({ text: Buffer.from(text, 'latin1').toString('latin1'), header });
    },
  };
}
