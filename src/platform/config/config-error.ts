import { StartupError } from './startup-error.ts';

export interface ConfigProblem {
  readonly variable: string;
  /** What was found, in words that never hold a secret. */
  readonly got: string;
  readonly expects: string;
}

/** The environment is not usable. Its message lists every problem, a line each, so that one look mends them all. */
export class ConfigError extends StartupError {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ variable, got, expects }) => `  ${variable}: got ${got}; expects ${expects}`);
    super(`the configuration is not usable.\n${lines.join('\n')}\n`, 'docs/configuration.md describes every variable.');
    this.name = 'ConfigError';
    this.problems = problems;
  }
}
