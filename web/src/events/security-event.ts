import { graphql } from '../gql/index.ts';

export const SecurityEvents = graphql(`
  subscription SecurityEvents($after: Cursor) {
    securityEvents(after: $after) {
      id
      cursor
      type
      occurredAt
      severity
      ipAddress
      userAgent
    }
  }
`);

export const SessionCheck = graphql(`
  query SessionCheck {
    viewer {
      session {
        id
      }
    }
  }
`);
