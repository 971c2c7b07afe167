import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type GraphQLField, type GraphQLObjectType, parse, validate } from 'graphql';
import { schema } from './schema.ts';

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

async function section(examples: string, kind: string, field: GraphQLField<unknown, unknown>): Promise<string> {
  const example = await readFile(join(examples, `${field.name}.graphql`), 'utf8').catch(() => undefined);
  if (example === undefined) throw new Error(`docs/operations/${field.name}.graphql is missing`);
  const [problem] = validate(schema, parse(example));
  if (problem) throw new Error(`docs/operations/${field.name}.graphql: ${problem.message}`);
  if (!field.description) throw new Error(`${field.name} has no description`);
  return `### ${field.name}\n\n*${kind}*, gives \`${field.type.toString()}\`. ${field.description}\n\n\`\`\`graphql\n${example.trim()}\n\`\`\`\n`;
}

async function sections(
  examples: string,
  title: string,
  kind: string,
  type: GraphQLObjectType | null | undefined,
): Promise<string> {
  const fields = Object.values(type?.getFields() ?? {});
  const texts = await Promise.all(fields.map((field) => section(examples, kind, field)));
  return `## ${title}\n\n${texts.join('\n')}`;
}

/**
 * The text of docs/graphql.md: each operation with its description and its example from the folder `examples`. Throws for an
 * operation without one, and for an example that does not fit the schema.
 */
export async function operationDocument(examples: string): Promise<string> {
  return [
    introduction,
    await sections(examples, 'Queries', 'Query', schema.getQueryType()),
    await sections(examples, 'Mutations', 'Mutation', schema.getMutationType()),
    await sections(examples, 'Subscriptions', 'Subscription', schema.getSubscriptionType()),
  ].join('\n');
}
