import { open, type Response, validate } from 'maxmind';
import { StartupError } from '#platform/config/startup-error.ts';
import type { FindPlace } from './devices.ports.ts';

/** What of a City or Country file is read: names in English, since mails and pages are. */
interface PlaceRecord {
  readonly country?: { readonly iso_code?: unknown };
  readonly city?: { readonly names?: { readonly en?: unknown } };
}

const longestCity = 100;

/**
 * Reads a file of the MaxMind DB format (a "City" or "Country" one) into memory; a newer file is read at the next start.
 * Without a file nothing is known of any place. Throws StartupError for a file that can't be read.
 */
export async function openPlaces(file: string | undefined): Promise<FindPlace> {
  if (file === undefined) return () => null;
  const reader = await open<PlaceRecord & Response>(file).catch((error: unknown) => {
    throw new StartupError(
      'the file that GEOIP_DATABASE_FILE names can not be read as a MaxMind DB.',
      'Check the path, and that the file is an unpacked .mmdb of the kind "City" or "Country".',
      { cause: error },
    );
  });
  return (ipAddress) => {
    if (!validate(ipAddress)) return null;
    const record = reader.get(ipAddress);
    const country = record?.country?.iso_code;
    if (typeof country !== 'string' || !/^[A-Z]{2}$/.test(country)) return null;
    const city = record?.city?.names?.en;
    return { country, city: typeof city === 'string' ? city.slice(0, longestCity) : null };
  };
}
