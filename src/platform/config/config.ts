import type { Secret } from '#kernel/secret.ts';

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

export interface DatabaseConfig {
  /** Undefined outside production: an embedded PostgreSQL in `dataDir`. */
  readonly url: Secret<string> | undefined;
  readonly poolMax: number;
  readonly connectTimeoutMs: number;
  readonly statementTimeoutMs: number;
  readonly startRetrySeconds: number;
}

export interface TokensConfig {
  readonly algorithm: 'ES256' | 'EdDSA';
  /** The `iss` of access tokens: the public origin, without a closing slash. */
  readonly issuer: string;
  readonly audience: string;
  readonly accessTokenLifetimeSeconds: number;
  readonly signingKeyLifetimeSeconds: number;
  readonly signingKeyOverlapSeconds: number;
}

export interface SessionsConfig {
  readonly idleTimeoutSeconds: number;
  readonly absoluteTimeoutSeconds: number;
  readonly refreshTokenGraceSeconds: number;
  readonly cookieSecure: boolean;
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
  readonly database: DatabaseConfig;
  readonly dataDir: string;
  readonly redisUrl: Secret<string> | undefined;
  /** 32 bytes. Undefined outside production: see development-key.ts. */
  readonly masterKey: Secret<Buffer> | undefined;
  readonly tokens: TokensConfig;
  readonly sessions: SessionsConfig;
  readonly passwords: PasswordsConfig;
  readonly mail: MailConfig;
  readonly graphql: GraphqlConfig;
  readonly limits: LimitsConfig;
  readonly log: LogConfig;
  readonly metricsToken: Secret<string> | undefined;
}
