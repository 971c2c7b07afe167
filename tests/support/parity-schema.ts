import { GraphQLError, type GraphQLResolveInfo, type GraphQLSchema, responsePathAsArray } from 'graphql';
import { createSchema } from 'graphql-yoga';

const typeDefs = /* GraphQL */ `
  scalar Even
  type Query {
    item(id: ID! = "1", filter: Filter = { sizes: [1, 2], kind: SMALL }): Item
    items(count: Int = 2): [Item!]!
    holes: [Item]
    strict: [Item!]
    matrix: [[Int!]!]!
    even(value: Even): Even
    fails: String
    failsTyped: String
    failsLate: String
    nothing: String!
    wrongLeaf: Int
    notAList: [Int]
    kinds: [Kind!]!
    lists(values: [[Int!]]): String
    choose(by: Choice): String
    endless(value: Endless): String
    named: Named
    either: [Either!]!
    guarded: Guarded
    plain: Plain
    where: String
  }
  input Filter { sizes: [Int!] kind: Kind = LARGE deep: Deep text: String! = "t" }
  input Deep { sizes: [Int!] on: Boolean = true }
  input Endless { again: Endless list: [Endless!] }
  input Choice @oneOf { id: ID name: String }
  enum Kind { SMALL LARGE }
  type Item { id: ID! label(upper: Boolean = false): String kind: Kind! seen: String parent: Item broken: String! child: Item! }
  interface Named { name: String! }
  type Dog implements Named { name: String! barks: Boolean }
  type Cat implements Named { name: String! purrs: Boolean }
  union Either = Dog | Cat
  type Guarded { id: ID }
  type Plain { computed: String later: String }
  type Mutation { step(name: String!): [String!]! halt: String }
  type Subscription { tick: Int }
`;

interface Trace {
  steps: string[];
}

const error = (message: string): never => {
  throw new Error(message);
};
const item = (id: string): { id: string } => ({ id });
export const later = async <T>(value: T): Promise<T> => value;

const executable = createSchema<Trace>({
  typeDefs,
  resolvers: {
    Query: {
      item: (_root: unknown, args: { id: string; filter: unknown }) => later({ id: args.id, label: JSON.stringify(args.filter) }),
      items: (_root: unknown, { count }: { count: number }) =>
        Array.from({ length: count }, (_, i) => (i % 2 === 0 ? item(`${i}`) : later(item(`${i}`)))),
      holes: () => [item('1'), null, later(null), later(item('4')), Promise.reject(new Error('lost'))],
      strict: () => [item('1'), null],
      matrix: () => later([[1, 2], [], later([3])]),
      even: (_root: unknown, { value }: { value?: number }) => value ?? null,
      fails: () => error('at once'),
      failsTyped: () => {
        throw new GraphQLError('typed', { extensions: { code: 'TYPED', detail: { a: 1 } } });
      },
      failsLate: () => Promise.reject(new Error('late')),
      nothing: () => null,
      wrongLeaf: () => 'no number',
      notAList: () => 7,
      kinds: () => ['SMALL', 'HUGE'],
      lists: (_root: unknown, { values }: { values?: unknown }) => JSON.stringify(values ?? null),
      choose: (_root: unknown, { by }: { by: unknown }) => JSON.stringify(by),
      endless: (_root: unknown, { value }: { value: unknown }) => JSON.stringify(value),
      named: () => ({ kind: 'Dog', name: 'Rex', barks: true }),
      either: () => [later({ kind: 'Dog', name: 'Rex' }), { kind: 'Cat', name: 'Tom' }],
      guarded: () => ({ id: '1' }),
      plain: () => ({ computed: () => 'called', later: later('awaited') }),
      where: (_root: unknown, _args: unknown, _context: Trace, info: GraphQLResolveInfo) => describeInfo(info),
    },
    Item: {
      id: ({ id }: { id: string }) => id,
      label: ({ id, label }: { id: string; label?: string }, { upper }: { upper: boolean }) =>
        upper ? `ITEM ${id}` : (label ?? `item ${id}`),
      kind: ({ id }: { id: string }) => (id === '1' ? later('SMALL') : 'LARGE'),
      seen: (_item: unknown, _args: unknown, _context: Trace, info: GraphQLResolveInfo) => describeInfo(info),
      parent: ({ id }: { id: string }) => (id === 'root' ? null : item('root')),
      broken: ({ id }: { id: string }) => (id === 'root' ? later(null) : error('broken')),
      child: () => null,
    },
    Named: { __resolveType: ({ kind }: { kind: string }) => later(kind) },
    Either: { __resolveType: ({ kind }: { kind: string }) => kind },
    Dog: { name: ({ name }: { name: string }) => name, barks: () => true },
    Cat: { name: ({ name }: { name: string }) => name, purrs: () => true },
    Guarded: { __isTypeOf: () => later(false), id: () => '1' },
    Mutation: {
      step: async (_root: unknown, { name }: { name: string }, context: Trace) => {
        context.steps.push(`${name} begins`);
        await later(null);
        context.steps.push(`${name} ends`);
        return [...context.steps];
      },
      halt: () => error('halt'),
    },
  },
});

const even = executable.getType('Even');
if (even !== undefined && 'parseValue' in even && 'serialize' in even) {
  const check = (value: unknown): number => (typeof value === 'number' && value % 2 === 0 ? value : error(`${value} is odd`));
  Object.assign(even, { parseValue: check, serialize: check });
}

function describeInfo({
  fieldName,
  fieldNodes,
  returnType,
  parentType,
  path,
  fragments,
  operation,
  variableValues,
}: GraphQLResolveInfo): string {
  return JSON.stringify({
    fieldName,
    fieldNodes: fieldNodes.map((node) => node.loc?.start),
    returnType: String(returnType),
    parentType: String(parentType),
    path: responsePathAsArray(path),
    fragments: Object.keys(fragments),
    operation: operation.operation,
    variableValues,
  });
}

/** Everything that two executors may differ on: promises, nulls, errors, lists, enums, input defaults, abstract types. */
export const paritySchema: GraphQLSchema = executable;
