import { graphql } from '../gql/index.ts';

export const VerifyEmail = graphql(`
  mutation VerifyEmail($input: VerifyEmailInput!) {
    verifyEmail(input: $input) {
      __typename
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

export const ResetPassword = graphql(`
  mutation ResetPassword($input: ResetPasswordInput!) {
    resetPassword(input: $input) {
      __typename
      ... on ResetPasswordSuccess {
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

export const ClaimFirstAdmin = graphql(`
  mutation ClaimFirstAdmin($input: ClaimFirstAdminInput!) {
    claimFirstAdmin(input: $input) {
      __typename
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

export const ReportUnknownDevice = graphql(`
  mutation ReportUnknownDevice($input: ReportUnknownDeviceInput!) {
    reportUnknownDevice(input: $input) {
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
