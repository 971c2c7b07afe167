import { AppError, describeError } from '#kernel/app-error.ts';

/** The code of GraphQL's own complaints, which keep their text: they tell of the schema and of nothing else. */
export const graphqlInvalid = describeError({
  code: 'GRAPHQL_INVALID',
  status: 400,
  message: 'The GraphQL document or its variables do not fit the schema.',
  remedy:
    'Read `message` and `locations`: it is a syntax or validation error, or a variable of the wrong type. Nothing was executed.',
});

const originRefused = describeError({
  code: 'ORIGIN_REFUSED',
  status: 403,
  message: 'This page may not act with your session.',
  remedy:
    'A browser sent the session cookie from an origin that is not allowed. Add the origin to ALLOWED_ORIGINS if it is yours.',
});

/** The request bears a cookie but comes from a page of somebody else's: cross-site request forgery. */
export class OriginRefusedError extends AppError {
  constructor() {
    super(originRefused);
  }
}

const notAcceptable = describeError({
  code: 'NOT_ACCEPTABLE',
  status: 406,
  message: 'The answer can only be JSON, and `Accept` does not allow it.',
  remedy: 'Accept application/graphql-response+json or application/json. Nothing was executed.',
});

/** Refused before anything runs: an operation whose answer nobody can be given must not have happened. */
export class NotAcceptableError extends AppError {
  constructor() {
    super(notAcceptable);
  }
}
