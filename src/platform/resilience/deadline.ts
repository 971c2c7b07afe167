/** Work that was not done in time. It may still go on, but nobody waits for it. */
export class TooLateError extends Error {
  constructor(ms: number) {
    super(`not done within ${ms} ms`);
    this.name = 'TooLateError';
  }
}

/** What the work gives, if within `ms` milliseconds; else throws TooLateError. What becomes of late work is ignored. */
export async function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new TooLateError(ms)), ms);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
