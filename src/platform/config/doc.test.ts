import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { configurationDocument } from './doc.ts';
import { environmentSchema } from './schema.ts';
import { listVariables } from './variable-facts.ts';

describe('docs/configuration.md', () => {
  it('names every variable of the schema once', () => {
    const text = configurationDocument();
    expect(listVariables().map(({ name }) => name)).toEqual(Object.keys(environmentSchema.shape));
    for (const name of Object.keys(environmentSchema.shape)) expect(text.split(`<a id="${name}">`)).toHaveLength(2);
  });

  it('is up to date', () => {
    const file = resolve(import.meta.dirname, '../../../docs/configuration.md');
    expect(readFileSync(file, 'utf8')).toBe(configurationDocument());
  });

  it('marks what production demands and what is secret', () => {
    const marked = (mark: 'secret' | 'requiredInProduction') =>
      listVariables()
        .filter((facts) => facts[mark])
        .map(({ name }) => name)
        .sort();
    expect(marked('secret')).toEqual([
      'CHALLENGE_SECRET',
      'DATABASE_URL',
      'MASTER_KEY',
      'METRICS_TOKEN',
      'REDIS_URL',
      'REDIS_URLS',
      'SMTP_URL',
    ]);
    expect(marked('requiredInProduction')).toEqual(['DATABASE_URL', 'MASTER_KEY', 'PUBLIC_URL', 'SMTP_URL']);
  });
});
