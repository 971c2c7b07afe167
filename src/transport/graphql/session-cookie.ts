/** The session cookie: opaque, unreadable for scripts, bound to this very host (RFC 6265bis, 4.1.3.2 and 5.4). */
export interface SessionCookie {
  read(cookieHeader: string | undefined): string | undefined;
  /** The Set-Cookie header for a token, or with null the one that removes it. */
  write(token: string | null, maxAgeSeconds: number): string;
}

export function createSessionCookie({ secure }: { readonly secure: boolean }): SessionCookie {
  return createHostCookie('sallyport', secure);
}

/** As long as browsers keep any cookie (RFC 6265bis, 5.5). */
export const deviceCookieSeconds = 400 * 86_400;

/** The cookie by which a browser is known again; it signs nobody in. */
export function createDeviceCookie({ secure }: { readonly secure: boolean }): SessionCookie {
  return createHostCookie('sallyport-device', secure);
}

function createHostCookie(plainName: string, secure: boolean): SessionCookie {
  const name = secure ? `__Host-${plainName}` : plainName;
  const attributes = `Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
  return {
    read: (cookieHeader) => {
      const found = (cookieHeader ?? '')
        .split(';')
        .map((pair) => pair.trim())
        .filter((pair) => pair.startsWith(`${name}=`));
      // Two cookies of one name: somebody else planted one. Neither is believed.
      return found.length === 1 ? found[0]?.slice(name.length + 1) : undefined;
    },
    write: (token, maxAgeSeconds) =>
      token === null
        ? `${name}=; ${attributes}; Max-Age=0`
        : `${name}=${token}; ${attributes}; Max-Age=${Math.max(0, Math.floor(maxAgeSeconds))}`,
  };
}
