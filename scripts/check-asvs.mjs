// `npm run asvs:check`: docs/asvs.json answers for every requirement of its chapters, and the tests that it names exist.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkAsvs } from './asvs/check.ts';

const inProject = (file) => join(import.meta.dirname, '..', file);
const readSource = (file) => (existsSync(inProject(file)) ? readFileSync(inProject(file), 'utf8') : undefined);

const { problems, counts } = checkAsvs(JSON.parse(readFileSync(inProject('docs/asvs.json'), 'utf8')), readSource);
for (const { level, met, notApplicable, open } of counts) {
  process.stdout.write(`level ${level}: ${met} met, ${notApplicable} not applicable, ${open} open\n`);
}
for (const problem of problems) process.stderr.write(`docs/asvs.json: ${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
