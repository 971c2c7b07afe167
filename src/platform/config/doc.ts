import { listVariables, type VariableFacts } from './variable-facts.ts';

const introduction = `# Configuration

<!-- Printed from src/platform/config/schema.ts by \`npm run config:doc\`. Do not edit by hand. -->

Sallyport is configured by environment variables alone. Without any of them it starts as a development deployment that
keeps everything in one folder. An empty value counts as not set; variables that are not listed here are ignored. When
something is wrong, start-up ends with one line for each variable at fault, and never shows the value of a secret.

**Required** means: in production (\`NODE_ENV=production\`). **Secret** values never appear in logs or error texts.
`;

/** Text for a table cell: a bar would end the cell, a line break the row. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ');
}

function row({ name, fallback, expects, description, requiredInProduction, secret }: VariableFacts): string {
  const marks = [requiredInProduction ? 'required' : '', secret ? 'secret' : ''].filter((mark) => mark !== '').join(', ');
  const shownDefault = fallback === undefined || fallback === '' ? '' : cell(fallback);
  return `| <a id="${name}"></a>\`${name}\` | ${shownDefault} | ${cell(description)} | ${cell(expects)} | ${marks} |`;
}

/** The text of docs/configuration.md: a table for each group of variables. */
export function configurationDocument(variables: readonly VariableFacts[] = listVariables()): string {
  const groups = Map.groupBy(variables, ({ group }) => group);
  const sections = [...groups].map(([group, members]) =>
    [
      `## ${group}`,
      '',
      '| Variable | Default | What it does | Expects | |',
      '|---|---|---|---|---|',
      ...members.map(row),
      '',
    ].join('\n'),
  );
  return [introduction, ...sections].join('\n');
}
