import { readFileSync, writeFileSync } from 'node:fs';
import { printSdl } from '#transport/graphql/schema.ts';

// `npm run schema:print` writes schema.graphql; with --check it only compares, for CI.
const file = new URL('../../../schema.graphql', import.meta.url);
const printed = printSdl();
if (process.argv.includes('--check')) {
  if (readFileSync(file, 'utf8') !== printed) {
    console.error('schema.graphql is not what the code says. Run `npm run schema:print` and commit the result.');
    process.exitCode = 1;
  }
} else {
  writeFileSync(file, printed);
}
