export { readManifests } from './read-manifest.ts';
export { createRegisteredOperations, type RegisteredDocument, type RegisteredOperations } from './registered-operations.ts';
export { createRegisteredPlugin } from './registered-plugin.ts';
