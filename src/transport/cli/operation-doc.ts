import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { GraphQLField, GraphQLObjectType } from 'graphql';
import { parse, validate } from 'graphql';
import { schema } from '#transport/graphql/schema.ts';
import { writeOrCheckDocument } from './document-file.ts';

/**
 * Writes docs/graphql.md from the schema and the example of each operation in docs/operations; `--check` only compares. An
 * operation without an example, or one whose example does not fit the schema, is an error.
 */
const root = resolve(import.meta.dirname, '../../..');

const introduction = `# GraphQL operations

<!-- Printed from the schema and from docs/operations by \`npm run operations:doc\`. Do not edit by hand. -->

Everything goes to \`POST /graphql\` as JSON; subscriptions go to the same path over WebSocket (see [realtime.md](realtime.md)).
The examples run as they are in GraphiQL, which opens at \`/graphql\` in development. By curl:

\`\`\`sh
curl http://localhost:4000/graphql -H 'content-type: application/json' \\
  --data '{"query":"{ viewer { user { displayName } } }"}'
\`\`\`

Results of mutations are unions: select \`__typename\`, the success, and \`... on AppError { code message }\` for the rest. The
codes are in [errors.md](errors.md). Who calls is told by \`Authorization: Bearer <accessToken>\` or by the session cookie that
\`login\` sets with \`delivery: COOKIE\`; [sessions.md](guides/sessions.md) says which to choose.
`;

async function section(kind: string, field: GraphQLField<unknown, unknown>): Promise<string> {
  const example = await readFile(resolve(root, `docs/operations/${field.name}.graphql`), 'utf8').catch(() => undefined);
  if (example === undefined) throw new Error(`docs/operations/${field.name}.graphql is missing`);
  const [problem] = validate(schema, parse(example));
  if (problem) throw new Error(`docs/operations/${field.name}.graphql: ${problem.message}`);
  if (!field.description) throw new Error(`${field.name} has no description`);
  return `### ${field.name}\n\n*${kind}*, gives \`${field.type.toString()}\`. ${field.description}\n\n\`\`\`graphql\n${example.trim()}\n\`\`\`\n`;
}

async function sections(title: string, kind: string, type: GraphQLObjectType | null | undefined): Promise<string> {
  const fields = Object.values(type?.getFields() ?? {});
  const texts = await Promise.all(fields.map((field) => section(kind, field)));
  return `## ${title}\n\n${texts.join('\n')}`;
}

const text = [
  introduction,
  await sections('Queries', 'Query', schema.getQueryType()),
  await sections('Mutations', 'Mutation', schema.getMutationType()),
  await sections('Subscriptions', 'Subscription', schema.getSubscriptionType()),
].join('\n');
const document = { path: resolve(root, 'docs/graphql.md'), text, script: 'operations:doc' };
process.exitCode = await writeOrCheckDocument(document, process.argv.slice(2));
