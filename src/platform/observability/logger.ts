export type LogFields = Readonly<Record<string, unknown>>;

/** What the product logs through. Fields are redacted before they are written: see redact.ts. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  child(fields: LogFields): Logger;
}
