import { UnavailableError } from '#kernel/errors.ts';

// SQLSTATE 40001 is a serialization failure, 40P01 a deadlock: the transaction was rolled back because of another one.
const serializationStates = /^(40001|40P01)$/;
// Class 08 is a lost connection, 57P0x a server going down, 53 too few resources, 25006 a standby after a failover, 57014 a
// statement and 25P03 an idle transaction that took too long, 55P03 a lock that was not to be had.
const unavailableStates = /^(08...|57P0[123]|53...|25006|57014|25P03|55P03|40001|40P01)$/;
const unavailableSystemCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'ETIMEDOUT',
  'EPIPE',
  'EAI_AGAIN',
  'ENETUNREACH',
]);
// Prisma's: cannot reach, timed out, closed, pool timeout, transaction API (could not start or was closed), conflict.
const unavailablePrismaCodes = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028', 'P2034']);
const unavailableMessages =
  /timeout exceeded when trying to connect|Connection terminated|Query read timeout|Client has encountered a connection error/;

const retryAfterSeconds = 2;

/** The typed 503 for an error that says that PostgreSQL is away or overloaded; undefined for any other error. */
export function asUnavailable(error: unknown): UnavailableError | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth += 1) {
    const code = 'code' in cause ? String(cause.code) : '';
    const unavailable =
      unavailableStates.test(code) ||
      unavailableStates.test(stateFromPrisma(cause)) ||
      unavailableSystemCodes.has(code) ||
      unavailablePrismaCodes.has(code) ||
      unavailableMessages.test(cause.message);
    if (unavailable) return new UnavailableError(retryAfterSeconds, { cause: error });
  }
  return undefined;
}

/** Whether PostgreSQL rolled a transaction back because of another one, so that running it again may succeed. */
export function isSerializationFailure(error: unknown): boolean {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth += 1) {
    const code = 'code' in cause ? String(cause.code) : '';
    if (code === 'P2034' || serializationStates.test(code) || serializationStates.test(stateFromPrisma(cause))) return true;
  }
  return false;
}

interface FromDriver {
  readonly cause?: { readonly originalCode?: unknown } | undefined;
}

/** The SQLSTATE behind an error of Prisma's or of its driver adapter: those that it has no code of its own for say so here only. */
function stateFromPrisma(error: Error): string {
  const { meta, cause } = error as { readonly meta?: { readonly driverAdapterError?: FromDriver } } & FromDriver;
  return String(meta?.driverAdapterError?.cause?.originalCode ?? cause?.originalCode ?? '');
}

/** Whether `error` says that a row with this unique value exists already (SQLSTATE 23505, Prisma's P2002). */
export function isUniqueViolation(error: unknown): boolean {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth += 1) {
    if ('code' in cause && (cause.code === '23505' || cause.code === 'P2002')) return true;
  }
  return false;
}
