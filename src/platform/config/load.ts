import { availableParallelism } from 'node:os';
import { Secret } from '#kernel/secret.ts';
import { redactText } from '#platform/observability/redact.ts';
import { parseRedisServers } from '#platform/redis/redis-servers.ts';
import type { Config, GraphqlConfig, RedisConfig } from './config.ts';
import { ConfigError, type ConfigProblem } from './config-error.ts';
import { checkRules } from './rules.ts';
import { type Environment, environmentSchema } from './schema.ts';
import { listVariables } from './variable-facts.ts';

export type RawEnvironment = Readonly<Record<string, string | undefined>>;

const longestShown = 80;

/**
 * Reads the whole configuration; nothing else reads `process.env`. An empty value counts as not set, unknown variables are
 * ignored.
 * @throws ConfigError with a line for every variable that is wrong, not only the first. No line holds a secret.
 */
export function loadConfig(environment: RawEnvironment = process.env): Config {
  return toConfig(parse(environment));
}

/** The same configuration after `port` was really bound; a public URL that was made from the port follows it. */
export function withPort(config: Config, port: number): Config {
  if (!config.http.publicUrlDerived) return { ...config, http: { ...config.http, port } };
  const publicUrl = new URL(`http://localhost:${port}`);
  const { issuer, audience } = config.tokens;
  return {
    ...config,
    http: { ...config.http, port, publicUrl, allowedOrigins: [publicUrl.origin, ...config.http.allowedOrigins.slice(1)] },
    tokens: { ...config.tokens, issuer: publicUrl.origin, audience: audience === issuer ? publicUrl.origin : audience },
  };
}

function parse(environment: RawEnvironment): Environment {
  const variables = listVariables();
  const given: Record<string, string> = {};
  for (const { name } of variables) {
    const value = environment[name]?.trim();
    if (value) given[name] = value;
  }
  const parsed: Record<string, unknown> = {};
  const problems: ConfigProblem[] = [];
  const show = (name: string): string => {
    const value = given[name];
    if (value === undefined) return 'nothing';
    if (variables.find((facts) => facts.name === name)?.secret !== false) return 'a value that is not shown';
    return JSON.stringify(redactText(value.length > longestShown ? `${value.slice(0, longestShown)}…` : value));
  };
  for (const { name, expects } of variables) {
    const result = environmentSchema.shape[name as keyof Environment].safeParse(given[name]);
    if (result.success) parsed[name] = result.data;
    else problems.push({ variable: name, got: show(name), expects });
  }
  const faulty = new Set(problems.map(({ variable }) => variable));
  problems.push(...checkRules({ values: parsed as Partial<Environment>, faulty, show }));
  if (problems.length > 0) throw new ConfigError(problems);
  return parsed as Environment;
}

function secret<T>(value: T | undefined): Secret<T> | undefined {
  return value === undefined ? undefined : new Secret(value);
}

function toConfig(env: Environment): Config {
  const production = env.NODE_ENV === 'production';
  const publicUrl = new URL(env.PUBLIC_URL ?? `http://localhost:${env.PORT}`);
  return {
    profile: env.NODE_ENV,
    http: {
      host: env.HOST ?? (production ? '0.0.0.0' : '127.0.0.1'),
      port: env.PORT,
      publicUrl,
      publicUrlDerived: env.PUBLIC_URL === undefined,
      trustProxy: env.TRUST_PROXY,
      allowedOrigins: [publicUrl.origin, ...env.ALLOWED_ORIGINS.filter((origin) => origin !== publicUrl.origin)],
      bodyLimitBytes: env.BODY_LIMIT_BYTES,
      requestTimeoutMs: env.REQUEST_TIMEOUT_MS,
      keepAliveTimeoutMs: env.KEEP_ALIVE_TIMEOUT_MS,
      shutdownGraceSeconds: env.SHUTDOWN_GRACE_SECONDS,
    },
    load: {
      maxEventLoopLagMs: env.SHED_EVENT_LOOP_LAG_MS,
      maxHeapPercent: env.SHED_HEAP_PERCENT,
      maxResidentMib: env.SHED_RSS_MIB,
    },
    database: {
      url: secret(env.DATABASE_URL),
      poolMax: env.DATABASE_POOL_MAX,
      connectTimeoutMs: env.DATABASE_CONNECT_TIMEOUT_MS,
      statementTimeoutMs: env.DATABASE_STATEMENT_TIMEOUT_MS,
      startRetrySeconds: env.DATABASE_START_RETRY_SECONDS,
    },
    dataDir: env.DATA_DIR,
    redis: redisConfig(env),
    masterKey: secret(env.MASTER_KEY),
    tokens: {
      algorithm: env.ACCESS_TOKEN_ALGORITHM,
      issuer: publicUrl.origin,
      audience: env.ACCESS_TOKEN_AUDIENCE ?? publicUrl.origin,
      accessTokenLifetimeSeconds: env.ACCESS_TOKEN_LIFETIME_SECONDS,
      cacheEntries: env.ACCESS_TOKEN_CACHE_ENTRIES,
      signingKeyLifetimeSeconds: env.SIGNING_KEY_LIFETIME_SECONDS,
      signingKeyOverlapSeconds: env.SIGNING_KEY_OVERLAP_SECONDS,
      dpopNonceRequired: env.DPOP_NONCE_REQUIRED,
    },
    sessions: {
      idleTimeoutSeconds: env.SESSION_IDLE_TIMEOUT_SECONDS,
      absoluteTimeoutSeconds: env.SESSION_ABSOLUTE_TIMEOUT_SECONDS,
      cacheEntries: env.SESSION_CACHE_ENTRIES,
      cacheInRedis: env.SESSION_CACHE_REDIS,
      refreshTokenGraceSeconds: env.REFRESH_TOKEN_GRACE_SECONDS,
      deviceTrustSeconds: env.DEVICE_TRUST_SECONDS,
      endedRetentionSeconds: env.ENDED_SESSION_RETENTION_SECONDS,
      cookieSecure: env.COOKIE_SECURE,
      stepUpMaxAgeSeconds: env.STEP_UP_MAX_AGE_SECONDS,
    },
    geoipDatabaseFile: env.GEOIP_DATABASE_FILE,
    passwords: {
      hasher: env.PASSWORD_HASHER,
      memoryKib: env.ARGON2_MEMORY_KIB,
      iterations: env.ARGON2_ITERATIONS,
      parallelism: env.ARGON2_PARALLELISM,
      concurrency: env.HASH_CONCURRENCY ?? availableParallelism(),
      queueMax: env.HASH_QUEUE_MAX,
    },
    mail: { smtpUrl: secret(env.SMTP_URL), from: env.MAIL_FROM },
    graphql: graphqlConfig(env),
    limits: {
      // Tests come from one address all day; those that are about limits set them.
      factor: (env.RATE_LIMIT_PERCENT ?? (env.NODE_ENV === 'test' ? 1_000_000 : 100)) / 100,
      timeoutMs: env.RATE_LIMIT_TIMEOUT_MS,
      challenge: {
        provider: env.CHALLENGE_PROVIDER,
        iterations: env.CHALLENGE_ITERATIONS,
        siteKey: env.CHALLENGE_SITE_KEY,
        secret: secret(env.CHALLENGE_SECRET),
      },
    },
    log: { level: env.LOG_LEVEL, format: env.LOG_FORMAT ?? (production ? 'json' : 'pretty') },
    metricsToken: secret(env.METRICS_TOKEN),
  };
}

function graphqlConfig(env: Environment): GraphqlConfig {
  const only = env.REGISTERED_OPERATIONS_ONLY;
  // For whoever writes documents; where none but registered ones run there is nothing to write.
  const conveniences = env.NODE_ENV !== 'production' && !only;
  return {
    graphiql: env.GRAPHIQL ?? conveniences,
    introspection: env.INTROSPECTION ?? conveniences,
    registeredOperationsFile: env.REGISTERED_OPERATIONS_FILE,
    registeredOperationsOnly: only,
  };
}

function redisConfig(env: Environment): RedisConfig | undefined {
  const text = env.REDIS_URL ?? env.REDIS_URLS;
  const servers = text === undefined ? null : parseRedisServers(text, { list: env.REDIS_URL === undefined });
  if (servers === null) return undefined;
  return {
    servers: new Secret(servers),
    caFile: env.REDIS_CA_FILE,
    namespace: env.REDIS_NAMESPACE,
    connectTimeoutMs: env.REDIS_CONNECT_TIMEOUT_MS,
    commandTimeoutMs: env.REDIS_COMMAND_TIMEOUT_MS,
  };
}
