import { globSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ErrorDescription, errorCatalogue } from '#kernel/app-error.ts';

/** Loads every module below `sourceFolder` that declares errors, so that the catalogue is whole whoever asks for it. */
export async function loadErrorCatalogue(sourceFolder: string): Promise<ErrorDescription[]> {
  const files = globSync(['kernel/errors.ts', '**/*.errors.ts'], { cwd: sourceFolder });
  for (const file of files.sort()) await import(pathToFileURL(join(sourceFolder, file)).href);
  return errorCatalogue();
}

const introduction = `# Error codes

<!-- Printed from the error declarations in src/ by \`npm run errors:doc\`. Do not edit by hand. -->

Every expected failure has a stable code. Over HTTP it comes in a problem document (RFC 9457) as \`code\`, in GraphQL as the
\`code\` of an error type or in \`extensions.code\`. Programs should decide by the code; the message is for people and may
change. \`correlationId\`, also in the X-Request-Id header, finds the request in the log. Messages never tell whether an
account exists.
`;

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ');
}

/** The text of docs/errors.md: one row for each code, with the code as its anchor. */
export function errorDocument(catalogue: readonly ErrorDescription[]): string {
  const rows = catalogue.map(
    ({ code, status, message, remedy }) => `| <a id="${code}"></a>\`${code}\` | ${status} | ${cell(message)} | ${cell(remedy)} |`,
  );
  return [introduction, '| Code | HTTP | Message | When, and what to do |', '|---|---|---|---|', ...rows, ''].join('\n');
}
