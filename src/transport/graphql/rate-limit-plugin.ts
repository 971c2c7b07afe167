import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core';
import type { GraphQLFieldResolver } from 'graphql';
import type { OperationCall } from '#capabilities/limits/index.ts';
import type { GraphqlContext } from './builder.ts';

type Resolver = GraphQLFieldResolver<unknown, GraphqlContext, object>;
type OperationClass = OperationCall['operationClass'];

const classes: Readonly<Record<string, OperationClass>> = {
  Query: 'query',
  Mutation: 'mutation',
  Subscription: 'subscription',
};

/**
 * Counts every field of the roots as a call of its own before it runs, by `admitOperation`: aliases and fragments dodge
 * nothing, and no use case has to remember it. What is thrown here becomes a member of the field's union, if it lists it.
 */
export class RateLimitPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override wrapResolve(
    resolver: GraphQLFieldResolver<unknown, Types['Context'], object>,
    { kind, name }: PothosOutputFieldConfig<Types>,
  ): GraphQLFieldResolver<unknown, Types['Context'], object> {
    // The resolver of a subscription runs for each event.
    const operationClass = kind === 'Subscription' ? undefined : classes[kind];
    return operationClass ? (counted(resolver as Resolver, name, operationClass) as typeof resolver) : resolver;
  }

  override wrapSubscribe(
    subscribe: GraphQLFieldResolver<unknown, Types['Context'], object> | undefined,
    { kind, name }: PothosOutputFieldConfig<Types>,
  ): GraphQLFieldResolver<unknown, Types['Context'], object> | undefined {
    if (!subscribe || kind !== 'Subscription') return subscribe;
    return counted(subscribe as Resolver, name, 'subscription') as typeof subscribe;
  }
}

function counted(resolver: Resolver, operation: string, operationClass: OperationClass): Resolver {
  return (root, args, context, info) => {
    const settling = context.useCases.admitOperation({
      operation,
      operationClass,
      actor: context.actor,
      claimedAccount: claimedAccount(args),
      challengeResponse: context.challengeResponse,
    });
    // Reads are counted at once and stay as they were, without a promise more.
    if (settling === null) return resolver(root, args, context, info);
    return run();

    async function run(): Promise<unknown> {
      const settle = await settling;
      let result: unknown;
      try {
        result = await resolver(root, args, context, info);
      } catch (error) {
        await settle?.(error);
        throw error;
      }
      await settle?.();
      return result;
    }
  };
}

/** The address by which an input names an account: at sign-in, at sign-up, where a mail is asked for. */
function claimedAccount(args: object): string | undefined {
  const input: unknown = 'input' in args ? args.input : undefined;
  if (typeof input !== 'object' || input === null || !('email' in input)) return undefined;
  return typeof input.email === 'string' ? input.email : undefined;
}

declare global {
  // biome-ignore lint/style/noNamespace: it is how Pothos lets a plugin be named
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends SchemaTypes> {
      rateLimit: RateLimitPlugin<Types>;
    }
  }
}

const pluginName = 'rateLimit';
SchemaBuilder.registerPlugin(pluginName, RateLimitPlugin);
export default pluginName;
