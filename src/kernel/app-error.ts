import type { JsonObject } from './json.ts';

/** What every stable error code is described by; the catalogue in docs/errors.md is printed from these. */
export interface ErrorDescription {
  /** Stable, UPPER_SNAKE, unique in the whole product. */
  readonly code: string;
  /** The HTTP status that a door which speaks HTTP answers with. */
  readonly status: number;
  /** What a person may be told. Never holds input, never tells whether an account exists. */
  readonly message: string;
  /** For the catalogue: when it happens and what the caller should do. */
  readonly remedy: string;
}

const catalogue = new Map<string, ErrorDescription>();

/** All error codes that the loaded modules declare, in the order of their codes. */
export function errorCatalogue(): ErrorDescription[] {
  return [...catalogue.values()].sort((a, b) => (a.code < b.code ? -1 : 1));
}

export interface AppErrorOptions {
  /** Overrides the public message; the same rules hold for it. */
  readonly message?: string;
  /** Seconds after which trying again makes sense; becomes the Retry-After header. */
  readonly retryAfterSeconds?: number;
  /** Kept for the log, never shown to the caller. */
  readonly cause?: unknown;
}

/** An expected failure. Everything else that is thrown is a defect and gets masked at the door. */
export abstract class AppError extends Error {
  readonly description: ErrorDescription;
  readonly retryAfterSeconds: number | undefined;

  constructor(description: ErrorDescription, options: AppErrorOptions = {}) {
    super(options.message ?? description.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.description = description;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.name = new.target.name;
  }

  /** Facts for programs, shown beside the code wherever the error is. */
  get details(): JsonObject {
    return {};
  }

  get code(): string {
    return this.description.code;
  }

  get status(): number {
    return this.description.status;
  }
}

/** Registers a description in the catalogue. A code that is declared twice is a defect: it throws when the module loads. */
export function describeError(description: ErrorDescription): ErrorDescription {
  if (!/^[A-Z][A-Z0-9_]+$/.test(description.code)) throw new Error(`error code ${description.code} is not UPPER_SNAKE`);
  if (catalogue.has(description.code)) throw new Error(`error code ${description.code} is declared twice`);
  catalogue.set(description.code, description);
  return description;
}
