import type { CodegenConfig } from '@graphql-codegen/cli';

/** Types the pages' documents against the printed schema, so that a result the page forgets does not compile. */
const config: CodegenConfig = {
  schema: './schema.graphql',
  documents: ['web/src/**/*.{ts,tsx,graphql}', '!web/src/gql/**', '!web/src/**/*.test.ts'],
  ignoreNoDocuments: false,
  generates: {
    'web/src/gql/': {
      preset: 'client',
      presetConfig: {
        fragmentMasking: false,
        // The manifest by which a server knows these documents beforehand: see docs/guides/registered-operations.md.
        persistedDocuments: { hashAlgorithm: 'sha256', mode: 'embedHashInDocument' },
      },
      config: {
        // Strings instead of syntax trees: the bundle stays small and needs no printer.
        documentMode: 'string',
        enumType: 'const',
        useTypeImports: true,
        strictScalars: true,
        scalars: { DateTime: 'string', Cursor: 'string', JSON: 'unknown' },
      },
    },
  },
};

export default config;
