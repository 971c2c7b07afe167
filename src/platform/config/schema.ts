import { z } from 'zod';
import {
  addressRanges,
  flag,
  key,
  milliseconds,
  oneOf,
  origin,
  origins,
  redisServers,
  seconds,
  text,
  url,
  whole,
} from './variables.ts';

/**
 * The one description of the environment. `.describe()` is the text of docs/configuration.md; `.meta()` may say
 * `secret` (its value is never shown), `requiredInProduction`, and `fallback`: what holds when it is not set, where that is
 * no fixed value.
 */

const profile = {
  NODE_ENV: oneOf(['development', 'test', 'production'])
    .default('development')
    .describe('The profile. `production` has no development conveniences and demands every secret.'),
};

const http = {
  HOST: text(1, 'an address to listen on')
    .optional()
    .meta({ fallback: '127.0.0.1; 0.0.0.0 in production' })
    .describe('Address to listen on.'),
  PORT: whole(0, 65_535).default(4000).describe('Port to listen on; 0 takes a free one.'),
  PUBLIC_URL: origin()
    .optional()
    .meta({ requiredInProduction: true, fallback: 'http://localhost and the port' })
    .describe('Where browsers reach this deployment; the issuer of access tokens. Must be https in production.'),
  TRUST_PROXY: addressRanges()
    .default([])
    .describe('Proxies whose X-Forwarded-For is believed, separated by commas. Empty: none.'),
  ALLOWED_ORIGINS: origins()
    .default([])
    .describe(
      'Further browser origins that may call the API with credentials, separated by commas. The origin of PUBLIC_URL always may.',
    ),
  BODY_LIMIT_BYTES: whole(1_024, 16_777_216).default(262_144).describe('Largest request body.'),
  REQUEST_TIMEOUT_MS: milliseconds(1_000).default(15_000).describe('How long a client may take to send a request.'),
  KEEP_ALIVE_TIMEOUT_MS: milliseconds(0)
    .default(72_000)
    .describe('How long an idle connection stays open; longer than the idle timeout of the load balancer before it.'),
  SHED_EVENT_LOOP_LAG_MS: milliseconds(50)
    .default(1_000)
    .describe('New requests are answered 503 with Retry-After while the event loop is later than this in the median.'),
  SHED_HEAP_PERCENT: whole(50, 100)
    .default(95)
    .describe('The same while more of the JavaScript heap than this is in use; 100 switches it off.'),
  SHED_RSS_MIB: whole(0, 1_048_576)
    .default(0)
    .describe('The same while the process holds more memory than this, in MiB; 0 switches it off.'),
  SHUTDOWN_GRACE_SECONDS: seconds(0, 600).default(10).describe('How long requests in flight may take after SIGTERM.'),
};

const storage = {
  DATABASE_URL: url(['postgres', 'postgresql'])
    .optional()
    .meta({ secret: true, requiredInProduction: true, fallback: 'an embedded PostgreSQL in DATA_DIR' })
    .describe('PostgreSQL 15 to 18.'),
  DATABASE_POOL_MAX: whole(2, 500).default(10).describe('Connections of one node to PostgreSQL.'),
  DATABASE_CONNECT_TIMEOUT_MS: milliseconds(100).default(5_000).describe('How long a request waits for a connection.'),
  DATABASE_STATEMENT_TIMEOUT_MS: milliseconds(100).default(10_000).describe('How long PostgreSQL may work on one statement.'),
  DATABASE_START_RETRY_SECONDS: seconds(0, 3_600)
    .default(30)
    .describe('How long start-up goes on trying to reach PostgreSQL, with growing pauses.'),
  DATA_DIR: text(1, 'a folder')
    .default('.sallyport')
    .describe(
      'Folder of the embedded PostgreSQL, the development master key and the development mailbox. Started by root in a place that is closed to other users, PostgreSQL keeps its data in a folder of its own below /var/lib/sallyport, which the file `postgres/location` names.',
    ),
};

const redis = {
  REDIS_URL: redisServers({ list: false })
    .optional()
    .meta({ secret: true, fallback: 'no Redis: nodes hear of each other through PostgreSQL' })
    .describe('Redis 7: one server, or the primary behind one Sentinel. `rediss` is TLS.'),
  REDIS_URLS: redisServers({ list: true })
    .optional()
    .meta({ secret: true })
    .describe(
      'Instead of REDIS_URL: nodes of a Redis Cluster, or the Sentinels of one primary. The first entry holds the credentials, of which the others may leave out any.',
    ),
  REDIS_CA_FILE: text(1, 'the path of a PEM file')
    .optional()
    .meta({ fallback: 'the authorities that Node.js knows' })
    .describe('Certificate authorities of a Redis that is reached by TLS.'),
  REDIS_NAMESPACE: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,32}$/)
    .meta({ expects: '1 to 32 letters, digits, underscores and hyphens' })
    .default('sallyport')
    .describe('Begins every key and channel. Deployments that share a Redis need different ones.'),
  REDIS_CONNECT_TIMEOUT_MS: milliseconds(100).default(5_000).describe('How long opening a connection may take.'),
  REDIS_COMMAND_TIMEOUT_MS: milliseconds(10, 60_000)
    .default(500)
    .describe('How long a command may take. After five in a row that fail, Redis is left alone until it answers again.'),
};

const credentials = {
  MASTER_KEY: key()
    .optional()
    .meta({ secret: true, requiredInProduction: true, fallback: 'one that is made in DATA_DIR' })
    .describe('Key that everything encrypted at rest hangs on: signing keys, queued mail, personal data in the log.'),
  ACCESS_TOKEN_ALGORITHM: oneOf(['ES256', 'EdDSA']).default('ES256').describe('Signature algorithm of new signing keys.'),
  ACCESS_TOKEN_LIFETIME_SECONDS: seconds(30, 86_400).default(300).describe('Life of an access token.'),
  ACCESS_TOKEN_AUDIENCE: text(1, 'a non-empty text')
    .optional()
    .meta({ fallback: 'PUBLIC_URL' })
    .describe('The `aud` of access tokens.'),
  ACCESS_TOKEN_CACHE_ENTRIES: whole(0, 10_000_000)
    .default(50_000)
    .describe(
      'Access tokens that a node has verified and knows again by their digests, some 300 bytes each. Their times, the key that signed them and their sessions are checked on each request all the same; 0 computes every signature again.',
    ),
  SIGNING_KEY_LIFETIME_SECONDS: seconds(3_600).default(7_776_000).describe('How long one key signs before the next takes over.'),
  SIGNING_KEY_OVERLAP_SECONDS: seconds(60).default(86_400).describe('How long the next key is published before it signs.'),
  DPOP_NONCE_REQUIRED: flag()
    .default(false)
    .describe(
      'Whether DPoP proofs must repeat a nonce of the server, good for one to two minutes (RFC 9449, 8): no proof can be made long before it is used.',
    ),
  SESSION_IDLE_TIMEOUT_SECONDS: seconds(60).default(1_209_600).describe('A session not used for this long ends.'),
  SESSION_ABSOLUTE_TIMEOUT_SECONDS: seconds(60)
    .default(2_592_000)
    .describe('A session ends this long after sign-in, however much it is used (NIST SP 800-63B-4: 30 days at AAL1).'),
  SESSION_CACHE_ENTRIES: whole(0, 10_000_000)
    .default(50_000)
    .describe(
      'Sessions that a node keeps in memory, some 500 bytes each. A session that ends is refused at once on the node that ended it, and within a second on the others; 0 asks the database on each request.',
    ),
  SESSION_CACHE_REDIS: flag()
    .default(true)
    .describe(
      'Where there is a Redis: whether a node looks there for a session that it does not have in memory, before it asks the database. What is kept there is sealed under MASTER_KEY. Switched off it saves a lone node the way that helps nobody.',
    ),
  DEVICE_TRUST_SECONDS: seconds(0)
    .default(2_592_000)
    .describe('For how long a device that a person trusts stays trusted; 0: none can be. An organisation may shorten it.'),
  GEOIP_DATABASE_FILE: text(1, 'the path of a .mmdb file')
    .optional()
    .meta({ fallback: 'devices and mails about them name no place' })
    .describe(
      'A file of the MaxMind DB format, of the kind "City" or "Country", by which devices get a coarse place. It is read at start.',
    ),
  ENDED_SESSION_RETENTION_SECONDS: seconds(0)
    .default(604_800)
    .describe(
      'For this long a session that ended stays in the database, for whoever has to look into it; then it is deleted with its refresh tokens. The log of events keeps what happened.',
    ),
  REFRESH_TOKEN_GRACE_SECONDS: seconds(0, 300)
    .default(10)
    .describe(
      'For this long a rotated refresh token, presented again, gives the same successor: two tabs, lost answers. Later it is reuse and ends the session.',
    ),
  STEP_UP_MAX_AGE_SECONDS: seconds(30, 86_400)
    .default(600)
    .describe('How long ago a person may have proved who they are for dangerous operations; later they have to do so again.'),
  COOKIE_SECURE: flag()
    .default(true)
    .describe(
      'The `__Host-` prefix and Secure on the session cookie. May be switched off outside production only, for browsers that refuse Secure cookies on http://localhost.',
    ),
};

const passwords = {
  PASSWORD_HASHER: oneOf(['auto', 'node-rs', 'node-argon2'])
    .default('auto')
    .describe('Library for Argon2id. `auto`: the faster @node-rs/argon2 where it has a binary, else argon2.'),
  ARGON2_MEMORY_KIB: whole(8, 4_194_304)
    .default(19_456)
    .describe('Memory of one password hash, in KiB (OWASP: 19456 with 2 iterations).'),
  ARGON2_ITERATIONS: whole(1, 100).default(2).describe('Iterations of one password hash.'),
  ARGON2_PARALLELISM: whole(1, 16).default(1).describe('Lanes of one password hash.'),
  HASH_CONCURRENCY: whole(1, 256)
    .optional()
    .meta({ fallback: 'the number of processors' })
    .describe('Password hashes computed at once.'),
  HASH_QUEUE_MAX: whole(1, 100_000)
    .default(256)
    .describe('Password hashes that may wait; beyond that the answer is 503 with Retry-After.'),
};

const mail = {
  SMTP_URL: url(['smtp', 'smtps'])
    .optional()
    .meta({ secret: true, requiredInProduction: true, fallback: 'mail goes to the development mailbox at /dev/mailbox' })
    .describe('Outgoing mail.'),
  MAIL_FROM: z
    .string()
    .regex(/^[^\r\n]*[^\s@<>]+@[^\s@<>]+>?$/)
    .meta({ expects: 'a mail address, with or without a name: `Name <address@example.org>`' })
    .default('Sallyport <no-reply@sallyport.localhost>')
    .describe('Sender of mail.'),
};

const graphql = {
  GRAPHIQL: flag()
    .optional()
    .meta({ fallback: 'true; false in production and with REGISTERED_OPERATIONS_ONLY' })
    .describe('GraphiQL at /graphql.'),
  INTROSPECTION: flag()
    .optional()
    .meta({ fallback: 'true; false in production and with REGISTERED_OPERATIONS_ONLY' })
    .describe('Schema introspection and field suggestions.'),
  REGISTERED_OPERATIONS_FILE: text(1, 'the path of a JSON file')
    .optional()
    .meta({ fallback: 'only the documents of our own pages' })
    .describe(
      'Documents that clients may name by their SHA-256, as their compilers write them. It is read and checked at start.',
    ),
  REGISTERED_OPERATIONS_ONLY: flag()
    .default(false)
    .describe('Whether documents that are not registered are refused, over HTTP and WebSocket.'),
};

const limits = {
  RATE_LIMIT_PERCENT: whole(1, 100_000_000)
    .optional()
    .meta({ fallback: '100; 1000000 in tests' })
    .describe('Every rate limit, in percent of what docs/guides/rate-limits.md says.'),
  RATE_LIMIT_TIMEOUT_MS: milliseconds(1, 60_000)
    .default(100)
    .describe('How long a limit waits for Redis before the stricter limits of the node hold.'),
  CHALLENGE_PROVIDER: oneOf(['altcha', 'turnstile', 'hcaptcha', 'none'])
    .default('altcha')
    .describe('What callers must solve after many attempts. `altcha` is proof of work without a third party; `none`: nothing.'),
  CHALLENGE_ITERATIONS: whole(1, 10_000_000)
    .default(5_000)
    .describe('Difficulty of ALTCHA: iterations of PBKDF2 in each of the 256 tries that a solution takes on average.'),
  CHALLENGE_SITE_KEY: text(1, 'the site key of the provider')
    .optional()
    .meta({ fallback: 'required by turnstile and hcaptcha' })
    .describe('Public key of the widget.'),
  CHALLENGE_SECRET: text(1, 'the secret key of the provider')
    .optional()
    .meta({ secret: true, fallback: 'required by turnstile and hcaptcha' })
    .describe('Key with which solutions are verified at the provider.'),
};

const observability = {
  LOG_LEVEL: oneOf(['error', 'warn', 'info', 'debug', 'silent']).default('info').describe('Least severity that is logged.'),
  LOG_FORMAT: oneOf(['json', 'pretty'])
    .optional()
    .meta({ fallback: 'pretty; json in production' })
    .describe('Form of the log lines.'),
  METRICS_TOKEN: text(16, 'at least 16 characters')
    .optional()
    .meta({ secret: true, fallback: '/metrics answers loopback addresses only' })
    .describe('Bearer token that /metrics demands.'),
};

/** The variables by concern, in the order of docs/configuration.md. */
export const variableGroups = {
  Profile: profile,
  HTTP: http,
  Storage: storage,
  Redis: redis,
  'Keys, tokens and sessions': credentials,
  Passwords: passwords,
  Mail: mail,
  GraphQL: graphql,
  'Rate limits': limits,
  Observability: observability,
} as const;

export const environmentSchema = z.object({
  ...profile,
  ...http,
  ...storage,
  ...redis,
  ...credentials,
  ...passwords,
  ...mail,
  ...graphql,
  ...limits,
  ...observability,
});

export type Environment = z.infer<typeof environmentSchema>;
export type VariableName = keyof Environment;
