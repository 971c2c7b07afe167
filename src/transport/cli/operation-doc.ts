import { resolve } from 'node:path';
import { operationDocument } from '#transport/graphql/operation-document.ts';
import { writeOrCheckDocument } from './document-file.ts';

/** Writes docs/graphql.md from the schema and the example of each operation; `--check` only compares. */
const root = resolve(import.meta.dirname, '../../..');
const text = await operationDocument(resolve(root, 'docs/operations'));
const document = { path: resolve(root, 'docs/graphql.md'), text, script: 'operations:doc' };
process.exitCode = await writeOrCheckDocument(document, process.argv.slice(2));
