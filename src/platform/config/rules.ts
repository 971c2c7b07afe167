import type { ConfigProblem } from './config-error.ts';
import type { Environment, VariableName } from './schema.ts';
import { listVariables } from './variable-facts.ts';

/** What is wrong with a combination of variables. `broken` sees the values that parsed; the others have lines already. */
interface Rule {
  readonly variable: VariableName;
  readonly expects: string;
  broken(environment: Partial<Environment>): boolean;
}

const inProduction = (environment: Partial<Environment>): boolean => environment.NODE_ENV === 'production';

// The least of OWASP's equivalent Argon2id settings is 7 MiB with 5 iterations; all of them multiply to this or more.
const leastMemoryKib = 7_168;
const leastWorkKib = leastMemoryKib * 5;
// 32 random bytes hold about 30 different values; a placeholder such as AAAA... holds a few.
const leastDifferentBytes = 16;

function exceeds(left: number | undefined, right: number | undefined): boolean {
  return left !== undefined && right !== undefined && left > right;
}

const isHosted = (provider: Environment['CHALLENGE_PROVIDER'] | undefined): boolean =>
  provider === 'turnstile' || provider === 'hcaptcha';

const rules: readonly Rule[] = [
  {
    variable: 'PUBLIC_URL',
    expects: 'an https origin in production',
    broken: (env) => inProduction(env) && env.PUBLIC_URL?.startsWith('https://') === false,
  },
  {
    variable: 'COOKIE_SECURE',
    expects: 'true in production: there the session cookie is never sent in the clear',
    broken: (env) => inProduction(env) && env.COOKIE_SECURE === false,
  },
  {
    variable: 'MASTER_KEY',
    expects: 'random bytes; this one repeats itself like a placeholder',
    broken: (env) => inProduction(env) && env.MASTER_KEY !== undefined && new Set(env.MASTER_KEY).size < leastDifferentBytes,
  },
  {
    variable: 'ARGON2_MEMORY_KIB',
    expects: `in production at least ${leastMemoryKib}, and times ARGON2_ITERATIONS at least ${leastWorkKib} (OWASP)`,
    broken: ({ ARGON2_MEMORY_KIB: memory, ARGON2_ITERATIONS: iterations, ...env }) =>
      inProduction(env) &&
      (exceeds(leastMemoryKib, memory) || (memory !== undefined && exceeds(leastWorkKib, memory * (iterations ?? 1)))),
  },
  {
    variable: 'ARGON2_MEMORY_KIB',
    expects: 'at least 8 times ARGON2_PARALLELISM (RFC 9106, 3.1)',
    broken: (env) => exceeds((env.ARGON2_PARALLELISM ?? 1) * 8, env.ARGON2_MEMORY_KIB),
  },
  {
    variable: 'SESSION_IDLE_TIMEOUT_SECONDS',
    expects: 'no more than SESSION_ABSOLUTE_TIMEOUT_SECONDS',
    broken: (env) => exceeds(env.SESSION_IDLE_TIMEOUT_SECONDS, env.SESSION_ABSOLUTE_TIMEOUT_SECONDS),
  },
  {
    variable: 'ACCESS_TOKEN_LIFETIME_SECONDS',
    expects: 'no more than SESSION_ABSOLUTE_TIMEOUT_SECONDS',
    broken: (env) => exceeds(env.ACCESS_TOKEN_LIFETIME_SECONDS, env.SESSION_ABSOLUTE_TIMEOUT_SECONDS),
  },
  {
    variable: 'CHALLENGE_SITE_KEY',
    expects: 'the site key of the provider that CHALLENGE_PROVIDER names',
    broken: (env) => isHosted(env.CHALLENGE_PROVIDER) && env.CHALLENGE_SITE_KEY === undefined,
  },
  {
    variable: 'CHALLENGE_SECRET',
    expects: 'the secret key of the provider that CHALLENGE_PROVIDER names',
    broken: (env) => isHosted(env.CHALLENGE_PROVIDER) && env.CHALLENGE_SECRET === undefined,
  },
  {
    variable: 'SIGNING_KEY_OVERLAP_SECONDS',
    expects: 'less than SIGNING_KEY_LIFETIME_SECONDS',
    broken: (env) => exceeds((env.SIGNING_KEY_OVERLAP_SECONDS ?? 0) + 1, env.SIGNING_KEY_LIFETIME_SECONDS),
  },
  {
    variable: 'GRAPHIQL',
    expects: 'not true beside REGISTERED_OPERATIONS_ONLY: what is typed into it would be refused',
    broken: (env) => env.GRAPHIQL === true && env.REGISTERED_OPERATIONS_ONLY === true,
  },
  {
    variable: 'REDIS_URLS',
    expects: 'nothing beside REDIS_URL: set one of the two',
    broken: (env) => env.REDIS_URL !== undefined && env.REDIS_URLS !== undefined,
  },
  {
    variable: 'REDIS_CA_FILE',
    expects: 'nothing, unless REDIS_URL or REDIS_URLS begins with rediss: without TLS no certificate is checked',
    broken: (env) => env.REDIS_CA_FILE !== undefined && !(env.REDIS_URL ?? env.REDIS_URLS)?.startsWith('rediss'),
  },
];

export interface CheckedEnvironment {
  /** The values that parsed, with the defaults of those that are not set. */
  readonly values: Partial<Environment>;
  /** Variables that have an error line already; no second one is made for them. */
  readonly faulty: ReadonlySet<string>;
  /** How a value may be shown. */
  show(variable: string): string;
}

/** The problems that only show when variables are read together. */
export function checkRules({ values, faulty, show }: CheckedEnvironment): ConfigProblem[] {
  const missing = listVariables()
    .filter(({ name, requiredInProduction }) => requiredInProduction && inProduction(values) && !faulty.has(name))
    .filter(({ name }) => Reflect.get(values, name) === undefined)
    .map(({ name, expects }) => ({ variable: name, got: 'nothing', expects: `${expects}. Required in production` }));
  const seen = new Set([...faulty, ...missing.map(({ variable }) => variable)]);
  const broken = rules.flatMap((rule) => {
    if (seen.has(rule.variable) || !rule.broken(values)) return [];
    seen.add(rule.variable);
    return [{ variable: rule.variable, got: show(rule.variable), expects: rule.expects }];
  });
  return [...missing, ...broken];
}
