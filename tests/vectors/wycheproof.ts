import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface WycheproofTest {
  readonly tcId: number;
  readonly comment: string;
  readonly flags: readonly string[];
  readonly result: 'valid' | 'acceptable' | 'invalid';
}

export interface WycheproofGroup<Test extends WycheproofTest> {
  readonly comment?: string;
  readonly tests: readonly Test[];
}

export interface WycheproofFile<Group> {
  readonly numberOfTests: number;
  readonly testGroups: readonly Group[];
}

/** Reads `tests/vectors/wycheproof/<name>.json`. The caller states the shape of its groups, as the file's schema has it. */
export function readWycheproof<Group extends WycheproofGroup<WycheproofTest>>(name: string): WycheproofFile<Group> {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'wycheproof', `${name}.json`), 'utf8')) as WycheproofFile<Group>;
}

/** What a test is called in the report: its number, what the authors say of it and what they expect. */
export function titleOf({ tcId, comment, flags, result }: WycheproofTest): string {
  return `${tcId} ${result}: ${[comment, ...flags].filter((text) => text !== '').join(', ')}`;
}
