import { globSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type EventDescription, eventCatalogue } from '#capabilities/events/index.ts';
import { writeOrCheckDocument } from './document-file.ts';

/** Writes docs/events.md from every declared event type; `--check` only compares. */
const root = resolve(import.meta.dirname, '../../..');
const source = resolve(root, 'src');
for (const file of globSync('**/*.events.ts', { cwd: source }).sort()) await import(pathToFileURL(join(source, file)).href);

const introduction = `# Security events

<!-- Printed from the event declarations in src/ by \`npm run events:doc\`. Do not edit by hand. -->

Each event is appended in the transaction of the change that it tells of, failures included. Types are stable: one is never
renamed, and none changes its meaning. Watch them live with the subscription \`securityEvents\` (see
[realtime.md](realtime.md)): \`data\` holds facts that point at no person; \`ipAddress\` and \`userAgent\` are encrypted under a
key of the subject's own and read null once that key is destroyed.
`;

function row({ type, severity, description }: EventDescription): string {
  return `| \`${type}\` | ${severity} | ${description.replaceAll('|', '\\|')} |`;
}

const text = [introduction, '| Type | Severity | When |', '|---|---|---|', ...eventCatalogue().map(row), ''].join('\n');
const document = { path: resolve(root, 'docs/events.md'), text, script: 'events:doc' };
process.exitCode = await writeOrCheckDocument(document, process.argv.slice(2));
