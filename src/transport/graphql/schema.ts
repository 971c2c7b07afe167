import './scalars.graphql.ts';
import './errors.graphql.ts';
import '#capabilities/limits/limits.graphql.ts';
import '#capabilities/identity/identity.graphql.ts';
import '#capabilities/sessions/sessions.graphql.ts';
import '#capabilities/sessions/devices.graphql.ts';
import '#capabilities/sessions/session-policy.graphql.ts';
import '#capabilities/authentication/authentication.graphql.ts';
import '#capabilities/passwords/passwords.graphql.ts';
import '#capabilities/passwords/recovery.graphql.ts';
import '#capabilities/events/events.graphql.ts';
import { type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql';
import { builder } from './builder.ts';
import { guardIdempotencyKeys } from './idempotency.ts';

/** The executable schema, made of every door that is imported above. */
export const schema: GraphQLSchema = guardIdempotencyKeys(builder.toSchema());

/** The text of schema.graphql. */
export function printSdl(): string {
  return `${printSchema(lexicographicSortSchema(schema))}\n`;
}
