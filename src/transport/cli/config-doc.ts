import { resolve } from 'node:path';
import { configurationDocument } from '#platform/config/doc.ts';
import { writeOrCheckDocument } from './document-file.ts';

/** Writes docs/configuration.md from the schema of the environment; `--check` only compares. */
const path = resolve(import.meta.dirname, '../../../docs/configuration.md');
process.exitCode = await writeOrCheckDocument(
  { path, text: configurationDocument(), script: 'config:doc' },
  process.argv.slice(2),
);
