import SchemaBuilder from '@pothos/core';
import ComplexityPlugin from '@pothos/plugin-complexity';
import DataloaderPlugin from '@pothos/plugin-dataloader';
import ErrorsPlugin from '@pothos/plugin-errors';
import PrismaPlugin from '@pothos/plugin-prisma';
import RelayPlugin from '@pothos/plugin-relay';
import ScopeAuthPlugin from '@pothos/plugin-scope-auth';
import ValidationPlugin from '@pothos/plugin-validation';
import type { GraphQLResolveInfo } from 'graphql';
import type PrismaTypes from '#generated/pothos-types.ts';
import { getDatamodel } from '#generated/pothos-types.ts';
import type { PrismaClient } from '#generated/prisma/client.ts';
import type { Actor } from '#kernel/actor.ts';
import { InvalidInputError, UnauthenticatedError } from '#kernel/errors.ts';
import type { JsonValue } from '#kernel/json.ts';
import { costLimits } from './cost-limits.ts';
import { typenameOfId, unknownTypename } from './global-id.ts';
import RateLimitPlugin from './rate-limit-plugin.ts';

/**
 * What the doors call. Each `*.graphql.ts` adds the use cases that it needs by declaration merging, so that this file knows
 * no capability and a composition that forgets one does not compile.
 */
// biome-ignore lint/suspicious/noEmptyInterface: open for declaration merging
export interface GraphqlUseCases {}

/** What every resolver gets. Doors add what they bring along in the same way. */
export interface GraphqlContext {
  readonly actor: Actor;
  readonly useCases: GraphqlUseCases;
  readonly prisma: PrismaClient;
  /** The Idempotency-Key header as it came: see idempotency.ts. */
  readonly idempotencyKey?: string | undefined;
}

export interface SchemaTypes {
  Context: GraphqlContext;
  PrismaTypes: PrismaTypes;
  AuthScopes: { signedIn: boolean };
  DefaultFieldNullability: false;
  DefaultInputFieldRequiredness: true;
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date };
    JSON: { Input: JsonValue; Output: JsonValue };
    Cursor: { Input: string; Output: string };
  };
}

/** The request of one field as its use case knows it; undefined where the client sent no key. `info.path` is that of a root field. */
export function idempotentRequest(
  { idempotencyKey }: GraphqlContext,
  { path }: GraphQLResolveInfo,
): { readonly key: string; readonly field: string } | undefined {
  // Quoted or not, it is the same key.
  return idempotencyKey === undefined ? undefined : { key: idempotencyKey.replaceAll('"', ''), field: String(path.key) };
}

/** How many ids `nodes` takes: each may cost a statement. */
const mostNodes = 100;

export const builder = new SchemaBuilder<SchemaTypes>({
  // The errors plugin comes first: what limits, validation and authorisation throw becomes a member of the result's union
  // too. Calls are counted next, before authorisation costs a statement.
  plugins: [
    ErrorsPlugin,
    RateLimitPlugin,
    RelayPlugin,
    PrismaPlugin,
    DataloaderPlugin,
    ValidationPlugin,
    ScopeAuthPlugin,
    ComplexityPlugin,
  ],
  defaultFieldNullability: false,
  defaultInputFieldRequiredness: true,
  // Also what validation throws, which comes before authorisation: it looks at the form of the input and at nothing else.
  errors: { directResult: true, unsafelyHandleInputErrors: true },
  relay: {
    clientMutationId: 'omit',
    cursorType: 'String',
    // Ids have a type prefix and are unique already, so a node's global id is its id.
    encodeGlobalID: (_typename, id) => String(id),
    decodeGlobalID: (id) => ({ typename: typenameOfId(id), id }),
    nodeQueryOptions: {
      description: 'Anything with an id. Null when there is no such thing or it is not yours to see.',
      resolve: (_root, { id }, _context, _info, resolveNode) => (id.typename === unknownTypename ? null : resolveNode(id)),
    },
    nodesQueryOptions: {
      description: 'Several things by their ids, in that order; null where `node` would be.',
      complexity: { field: 1, multiplier: 10 },
      resolve: (_root, args, _context, _info, resolveNodes) => {
        if (args.ids.length > mostNodes) throw new InvalidInputError([{ path: 'ids', message: `must be at most ${mostNodes}` }]);
        // Pothos 4.8 reads `args`, whatever ids it is handed; where it finds null it gives null.
        Object.assign(args, { ids: args.ids.map((id) => (id.typename === unknownTypename ? null : id)) });
        return resolveNodes(args.ids);
      },
    },
  },
  prisma: { client: (context) => context.prisma, dmmf: getDatamodel(), exposeDescriptions: false, onUnusedQuery: null },
  validation: {
    validationError: (failure) =>
      new InvalidInputError(
        failure.issues.map(({ path, message }) => ({
          path: (path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.'),
          message,
        })),
      ),
  },
  scopeAuth: {
    authScopes: (context) => ({ signedIn: context.actor.kind === 'user' }),
    unauthorizedError: () => new UnauthenticatedError(),
    treatErrorsAsUnauthorized: false,
  },
  complexity: { defaultComplexity: 1, defaultListMultiplier: 10, limit: costLimits },
});

builder.queryType({ description: 'Everything that can be read.' });
builder.mutationType({
  description: 'Everything that can be done. Each result is a union: what may go wrong is part of the type.',
});
builder.subscriptionType({ description: 'What is pushed as it happens, over the graphql-transport-ws protocol.' });
