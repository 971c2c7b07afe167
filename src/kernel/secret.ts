import { inspect } from 'node:util';

const redacted = '[redacted]';

/**
 * A value that must not be printed: passwords, tokens, keys. Every way of turning it into text says [redacted];
 * only `reveal()` gives the value, so each use can be found by name.
 */
export class Secret<T> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return redacted;
  }

  toJSON(): string {
    return redacted;
  }

  [inspect.custom](): string {
    return redacted;
  }
}
