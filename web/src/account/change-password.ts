import { graphql } from '../gql/index.ts';

export const ChangePassword = graphql(`
  mutation ChangePassword($input: ChangePasswordInput!) {
    changePassword(input: $input) {
      __typename
      ... on ChangePasswordSuccess {
        revokedSessionCount
      }
      ... on InvalidInputError {
        ...InvalidInput
      }
      ... on PasswordRejectedError {
        ...PasswordRejected
      }
      ... on RateLimitedError {
        ...RateLimited
      }
    }
  }
`);
