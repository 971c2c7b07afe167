import type { IncomingHttpHeaders } from 'node:http';
import { deviceTokenPrefix, isClientDeviceId } from '#capabilities/devices/index.ts';
import type { ClientFacts } from '#kernel/actor.ts';
import { InvalidInputError } from '#kernel/errors.ts';
import { Secret } from '#kernel/secret.ts';
import { isOpaqueToken } from '#platform/crypto/index.ts';
import type { SessionCookie } from './session-cookie.ts';

export type ClientReader = (headers: IncomingHttpHeaders) => ClientFacts;

/**
 * What a client is known by: the header `X-Device-Id` of an app outranks the cookie of a browser. Throws InvalidInputError
 * for a header that is no such id: taken for none, every sign-in of that app would be one by a new device.
 */
export function createClientReader(cookie: Pick<SessionCookie, 'read'>): ClientReader {
  return ({ 'x-device-id': header, 'sec-ch-ua': brands, cookie: cookies }) => {
    const facts = { brands: typeof brands === 'string' ? brands : '' };
    if (header !== undefined) {
      if (typeof header !== 'string' || !isClientDeviceId(header))
        throw new InvalidInputError([{ path: 'X-Device-Id', message: 'must be 16 to 128 letters, digits and . _ ~ -' }]);
      return { ...facts, deviceId: new Secret(header), keepsCookie: false };
    }
    // Only sign-ins ask for the cookie: no other request looks for it.
    const read = () => {
      const kept = cookie.read(cookies);
      return isOpaqueToken(deviceTokenPrefix, kept) ? new Secret(kept) : null;
    };
    return {
      ...facts,
      get deviceId() {
        return read();
      },
      get keepsCookie() {
        return read() !== null;
      },
    };
  };
}
