import { graphql } from '../gql/index.ts';

export const Account = graphql(`
  query Account($sessions: Int!) {
    viewer {
      user {
        id
        displayName
        email
        createdAt
        emailAddresses {
          id
          address
          isPrimary
          verifiedAt
        }
      }
      organisation {
        id
        name
        passwordMinLength
      }
      sessions(first: $sessions) {
        edges {
          node {
            ...SessionRow
          }
        }
        pageInfo {
          hasNextPage
        }
      }
    }
  }
`);

export const SignOut = graphql(`
  mutation SignOut {
    logout {
      __typename
      ... on RateLimitedError {
        ...RateLimited
      }
    }
  }
`);
