import { graphql } from '../gql/index.ts';

export const SignIn = graphql(`
  mutation SignIn($input: LoginInput!) {
    login(input: $input) {
      __typename
      ... on LoginChallenge {
        kind
      }
      ... on InvalidInputError {
        ...InvalidInput
      }
      ... on RateLimitedError {
        ...RateLimited
      }
      ... on ChallengeRequiredError {
        ...ChallengeRequired
      }
    }
  }
`);

export const Register = graphql(`
  mutation Register($input: RegisterInput!) {
    register(input: $input) {
      __typename
      ... on RegisterSuccess {
        email
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
      ... on ChallengeRequiredError {
        ...ChallengeRequired
      }
    }
  }
`);

export const RequestPasswordReset = graphql(`
  mutation RequestPasswordReset($input: RequestPasswordResetInput!) {
    requestPasswordReset(input: $input) {
      __typename
      ... on RequestPasswordResetSuccess {
        email
      }
      ... on InvalidInputError {
        ...InvalidInput
      }
      ... on RateLimitedError {
        ...RateLimited
      }
      ... on ChallengeRequiredError {
        ...ChallengeRequired
      }
    }
  }
`);
