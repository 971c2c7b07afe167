import { graphql } from '../gql/index.ts';

export const RevokeSession = graphql(`
  mutation RevokeSession($input: RevokeSessionInput!) {
    revokeSession(input: $input) {
      __typename
      ... on InvalidInputError {
        ...InvalidInput
      }
      ... on RateLimitedError {
        ...RateLimited
      }
    }
  }
`);

export const RevokeOtherSessions = graphql(`
  mutation RevokeOtherSessions {
    revokeOtherSessions {
      __typename
      ... on RevokeOtherSessionsSuccess {
        revokedCount
      }
      ... on RateLimitedError {
        ...RateLimited
      }
    }
  }
`);
