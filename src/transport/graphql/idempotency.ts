import { defaultFieldResolver, type GraphQLSchema } from 'graphql';
import {
  IdempotencyKeyInvalidError,
  IdempotencyKeyUnsupportedError,
  parseIdempotencyKey,
} from '#capabilities/authentication/index.ts';
import type { GraphqlContext } from './builder.ts';

/**
 * Makes every mutation that does not say `extensions: { idempotencyKey: true }` refuse the header, and the others refuse a
 * malformed one: a client that sends a key must never believe that it protects where it does not.
 */
export function guardIdempotencyKeys(schema: GraphQLSchema): GraphQLSchema {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    const supported = field.extensions['idempotencyKey'] === true;
    const resolve = field.resolve ?? defaultFieldResolver;
    field.resolve = (root, args, context: GraphqlContext, info) => {
      if (context.idempotencyKey !== undefined) {
        if (!supported) throw new IdempotencyKeyUnsupportedError();
        if (parseIdempotencyKey(context.idempotencyKey) === null) throw new IdempotencyKeyInvalidError();
      }
      return resolve(root, args, context, info);
    };
  }
  return schema;
}
