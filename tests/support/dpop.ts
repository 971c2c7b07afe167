import { createHash, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { TestClient } from './client.ts';
import type { TestApp } from './make-test-app.ts';
import { documents, type Person } from './stories.ts';

type Json = Readonly<Record<string, unknown>>;

export interface ProofOptions {
  readonly method?: string;
  readonly url: string;
  readonly at: Date;
  readonly accessToken?: string;
  readonly nonce?: string;
  /** Replaces or, with undefined, removes members of the header and the claims. */
  readonly header?: Json;
  readonly claims?: Json;
  /** Signs by this key instead of the one in the header. */
  readonly signer?: DpopKey;
}

/** A client's own key, made outside the product: what it signs must be what RFC 9449 says, not what our code says. */
export class DpopKey {
  readonly privateKey: KeyObject;
  readonly jwk: Json;
  readonly algorithm: 'ES256' | 'EdDSA';

  constructor(algorithm: 'ES256' | 'EdDSA' = 'ES256') {
    const pair = algorithm === 'ES256' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519');
    this.algorithm = algorithm;
    this.privateKey = pair.privateKey;
    this.jwk = pair.publicKey.export({ format: 'jwk' }) as Json;
  }

  /** With the private members: what must never be sent. */
  get privateJwk(): Json {
    return this.privateKey.export({ format: 'jwk' }) as Json;
  }

  /** RFC 7638. */
  get thumbprint(): string {
    const { crv, kty, x, y } = this.jwk;
    return sha256(JSON.stringify(this.algorithm === 'ES256' ? { crv, kty, x, y } : { crv, kty, x }));
  }

  proof({ method = 'POST', url, at, accessToken, nonce, header, claims, signer = this }: ProofOptions): string {
    const head = { typ: 'dpop+jwt', alg: this.algorithm, jwk: this.jwk, ...header };
    const body = {
      jti: randomUUID(),
      htm: method,
      htu: url,
      iat: Math.floor(at.getTime() / 1000),
      ...(accessToken === undefined ? {} : { ath: sha256(accessToken) }),
      ...(nonce === undefined ? {} : { nonce }),
      ...claims,
    };
    const signed = `${encode(head)}.${encode(body)}`;
    return `${signed}.${signer.sign(signed)}`;
  }

  sign(text: string): string {
    const bytes = Buffer.from(text);
    const signature =
      this.algorithm === 'ES256'
        ? sign('sha256', bytes, { key: this.privateKey, dsaEncoding: 'ieee-p1363' })
        : sign(null, bytes, this.privateKey);
    return signature.toString('base64url');
  }
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

export interface BoundSession {
  readonly key: DpopKey;
  readonly sessionId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** Signs in with a proof, so that the tokens are bound to the key. */
export async function signInBound(
  app: TestApp,
  person: Person,
  key = new DpopKey(),
  nonce?: string,
  url = `${app.url}/graphql`,
): Promise<BoundSession> {
  const proof = key.proof({ url, at: app.clock.now(), ...(nonce === undefined ? {} : { nonce }) });
  const input = { email: person.email, password: person.password, delivery: 'TOKENS' };
  const { data, text } = await new TestClient(app).send(documents.login, { input }, { dpop: proof });
  if (data?.login.__typename !== 'LoginSuccess') throw new Error(`login: ${text}`);
  const { accessToken, refreshToken } = data.login.tokens;
  return { key, sessionId: data.login.viewer.session.id, accessToken, refreshToken };
}

/** The headers of a request by a bound token; `change` says what is wrong with the proof. */
export function boundHeaders(app: TestApp, { key, accessToken }: BoundSession, change: Partial<ProofOptions> = {}) {
  const proof = key.proof({ url: `${app.url}/graphql`, at: app.clock.now(), accessToken, ...change });
  return { authorization: `DPoP ${accessToken}`, dpop: proof };
}
