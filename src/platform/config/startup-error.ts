/**
 * Start-up cannot go on for a reason that the operator can mend. Printed as one line, without a stack: what is wrong and
 * what to do about it; the process ends with exit code 1.
 */
export class StartupError extends Error {
  readonly remedy: string;

  constructor(message: string, remedy: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.name = 'StartupError';
    this.remedy = remedy;
  }

  /** What is printed: the message and, on a line of its own where the message ended one, the remedy. */
  get text(): string {
    return `${this.message}${this.message.endsWith('\n') ? '' : ' '}${this.remedy}`;
  }
}
