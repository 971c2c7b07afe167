import { fileURLToPath } from 'node:url';
import type { GraphqlConfig } from '#platform/config/config.ts';
import { createRegisteredOperations, type RegisteredOperations, readManifests } from '#transport/graphql/registered/index.ts';
import { schema } from '#transport/graphql/schema.ts';

/** What our own pages ask for. They have to work also where nothing else may be asked. */
const ownPages = fileURLToPath(new URL('../../web/src/gql/persisted-documents.json', import.meta.url));

/** The operations of our own pages and those of the deployment, checked and compiled. Throws StartupError. */
export async function openRegisteredOperations(config: GraphqlConfig): Promise<RegisteredOperations> {
  const { registeredOperationsFile: file, registeredOperationsOnly: only, introspection } = config;
  const files = file === undefined ? [ownPages] : [ownPages, file];
  return createRegisteredOperations(await readManifests({ files, schema, introspection }), { only });
}
