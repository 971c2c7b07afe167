import { resolve } from 'node:path';
import { writeOrCheckDocument } from './document-file.ts';
import { errorDocument, loadErrorCatalogue } from './error-catalogue.ts';

/** Writes docs/errors.md from every declared error; `--check` only compares. */
const root = resolve(import.meta.dirname, '../../..');
const text = errorDocument(await loadErrorCatalogue(resolve(root, 'src')));
const path = resolve(root, 'docs/errors.md');
process.exitCode = await writeOrCheckDocument({ path, text, script: 'errors:doc' }, process.argv.slice(2));
