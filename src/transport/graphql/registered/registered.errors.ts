import { describeError } from '#kernel/app-error.ts';

export const persistedQueryNotFound = describeError({
  code: 'PERSISTED_QUERY_NOT_FOUND',
  status: 404,
  message: 'No operation is registered under this id.',
  remedy:
    'Send the document itself, or have the operator register it: see docs/guides/registered-operations.md. Requests register nothing.',
});

export const persistedQueryMismatch = describeError({
  code: 'PERSISTED_QUERY_MISMATCH',
  status: 400,
  message: 'The request names two different documents.',
  remedy:
    'Send an id alone, or with the very document that it is the SHA-256 of. `documentId` and `extensions.persistedQuery` must agree.',
});

export const persistedQueryOnly = describeError({
  code: 'PERSISTED_QUERY_ONLY',
  status: 403,
  message: 'Only registered operations are answered here.',
  remedy: 'Add the document to the file that REGISTERED_OPERATIONS_FILE names, and send its id.',
});
