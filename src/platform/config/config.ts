import type { Secret } from '#kernel/secret.ts';
import type { RedisServers } from '#platform/redis/redis-servers.ts';

export type Profile = 'development' | 'test' | 'production';

export interface HttpConfig {
  readonly host: string;
  readonly port: number;
  /** An origin: its path is `/`. */
  readonly publicUrl: URL;
  /** Whether `publicUrl` was made from the port, because PUBLIC_URL is not set. */
  readonly publicUrlDerived: boolean;
  /** Addresses and ranges, as proxy-addr reads them; empty: no proxy is believed. */
  readonly trustProxy: readonly string[];
  /** Browser origins that may call the API with credentials; the first is that of `publicUrl`. */
  readonly allowedOrigins: readonly string[];
  readonly bodyLimitBytes: number;
  readonly requestTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  readonly shutdownGraceSeconds: number;
}

/** Past these a node refuses new work: see load-shedding.ts. */
export interface LoadConfig {
  readonly maxEventLoopLagMs: number;
  readonly maxHeapPercent: number;
  /** 0: no limit. */
  readonly maxResidentMib: number;
}

export interface DatabaseConfig {
  /** Undefined outside production: an embedded PostgreSQL in `dataDir`. */
  readonly url: Secret<string> | undefined;
  readonly poolMax: number;
  readonly connectTimeoutMs: number;
  readonly statementTimeoutMs: number;
  readonly startRetrySeconds: number;
}

export interface RedisConfig {
  readonly servers: Secret<RedisServers>;
  /** PEM file of the authorities that the servers' certificates must come from; undefined: those of the system. */
  readonly caFile: string | undefined;
  /** Before the first colon of every key and channel. */
  readonly namespace: string;
  readonly connectTimeoutMs: number;
  readonly commandTimeoutMs: number;
}

export interface TokensConfig {
  readonly algorithm: 'ES256' | 'EdDSA';
  /** The `iss` of access tokens: the public origin, without a closing slash. */
  readonly issuer: string;
  readonly audience: string;
  readonly accessTokenLifetimeSeconds: number;
  /** Verified access tokens that a node knows again; 0 keeps none. */
  readonly cacheEntries: number;
  readonly signingKeyLifetimeSeconds: number;
  readonly signingKeyOverlapSeconds: number;
  /** Whether proofs of possession must hold a nonce of the server. */
  readonly dpopNonceRequired: boolean;
}

export interface SessionsConfig {
  readonly idleTimeoutSeconds: number;
  readonly absoluteTimeoutSeconds: number;
  readonly refreshTokenGraceSeconds: number;
  /** Sessions that a node keeps in memory; 0 keeps none. */
  readonly cacheEntries: number;
  /** Whether nodes lend each other, through Redis, what they read of sessions. */
  readonly cacheInRedis: boolean;
  readonly endedRetentionSeconds: number;
  readonly deviceTrustSeconds: number;
  readonly cookieSecure: boolean;
  /** How old the last proof of who a person is may be for dangerous operations. */
  readonly stepUpMaxAgeSeconds: number;
}

export interface PasswordsConfig {
  readonly hasher: 'auto' | 'node-rs' | 'node-argon2';
  readonly memoryKib: number;
  readonly iterations: number;
  readonly parallelism: number;
  readonly concurrency: number;
  readonly queueMax: number;
}

export interface MailConfig {
  /** Undefined outside production: mail goes to the development mailbox. */
  readonly smtpUrl: Secret<string> | undefined;
  readonly from: string;
}

export interface GraphqlConfig {
  readonly graphiql: boolean;
  readonly introspection: boolean;
  /** The file with the documents that are registered beside those of our own pages. */
  readonly registeredOperationsFile: string | undefined;
  /** Whether documents that are not registered are refused. */
  readonly registeredOperationsOnly: boolean;
}

export interface LimitsConfig {
  /** What every limit is multiplied by. */
  readonly factor: number;
  readonly timeoutMs: number;
  readonly challenge: {
    readonly provider: 'altcha' | 'turnstile' | 'hcaptcha' | 'none';
    readonly iterations: number;
    readonly siteKey: string | undefined;
    readonly secret: Secret<string> | undefined;
  };
}

export interface LogConfig {
  readonly level: 'error' | 'warn' | 'info' | 'debug' | 'silent';
  readonly format: 'json' | 'pretty';
}

/** The configuration of one node, by concern. Made by `loadConfig`; nothing else reads the environment. */
export interface Config {
  readonly profile: Profile;
  readonly http: HttpConfig;
  readonly load: LoadConfig;
  readonly database: DatabaseConfig;
  readonly dataDir: string;
  /** Undefined: the product runs without Redis. */
  readonly redis: RedisConfig | undefined;
  /** 32 bytes. Undefined outside production: see development-key.ts. */
  readonly masterKey: Secret<Buffer> | undefined;
  readonly tokens: TokensConfig;
  readonly sessions: SessionsConfig;
  /** Undefined: nothing is known of places. */
  readonly geoipDatabaseFile: string | undefined;
  readonly passwords: PasswordsConfig;
  readonly mail: MailConfig;
  readonly graphql: GraphqlConfig;
  readonly limits: LimitsConfig;
  readonly log: LogConfig;
  readonly metricsToken: Secret<string> | undefined;
}
