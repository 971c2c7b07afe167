import { createPublicKey, verify } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { importJWK, jwtVerify } from 'jose';
import { createKeyRing } from '../src/capabilities/keys/index.ts';
import { type AccessTokens, createAccessTokens } from '../src/capabilities/sessions/index.ts';
import { beginSession } from '../src/capabilities/sessions/session.ts';
import { addSeconds, systemClock } from '../src/kernel/clock.ts';
import { newId } from '../src/kernel/ids.ts';
import { Secret } from '../src/kernel/secret.ts';
import { loadConfig } from '../src/platform/config/load.ts';
import { createPasswordHasher, createSealer, generateSigningKey, type SigningAlgorithm } from '../src/platform/crypto/index.ts';
import { median } from './interleave.ts';
import { password } from './seed.ts';

/** Verifications of access tokens by different means, in one process and in turns, with or without password hashes beside. */

export type TokenJob =
  /** Each contestant verifies token after token, a few at a time in turns. */
  | { readonly work: 'throughput'; readonly algorithm: SigningAlgorithm; readonly durationMs: number }
  /** One verification every few milliseconds while so many password hashes are in flight. */
  | { readonly work: 'latency'; readonly by: 'sallyport' | 'jose'; readonly logins: number; readonly durationMs: number };

export type TokenContestant =
  | 'node:crypto'
  | 'node:crypto, DER'
  | 'sallyport, new'
  | 'sallyport, new and kept'
  | 'sallyport, known'
  | 'jose';

export interface TokenThroughput {
  readonly perSecond: number;
  readonly cpuMsEach: number;
}

const tokenCount = 500;
/** Fewer than there are tokens, so that each has been forgotten when its turn comes again. */
const fewEntries = 50;
const tokensInTurn = 10;
const everyMs = 4;
const issuer = 'https://id.example.org';

type Verify = (index: number) => unknown;

async function prepare(algorithm: SigningAlgorithm) {
  const clock = systemClock;
  const kid = newId('key');
  const { privateKeyPkcs8, publicJwk } = generateSigningKey(algorithm, kid);
  const sealer = createSealer(new Secret(Buffer.alloc(32, 1)), 'signing-key');
  const now = clock.now();
  const later = addSeconds(now, 86_400);
  const record = { id: kid, algorithm, publicJwk: { ...publicJwk }, privateKeySealed: sealer.seal(privateKeyPkcs8, kid) };
  const times = { createdAt: now, activatesAt: now, retiresAt: later, expiresAt: later };
  const keyRing = createKeyRing({ store: { listPublished: async () => [{ ...record, ...times }] }, sealer, clock });
  const tokensWith = (cacheEntries: number): AccessTokens =>
    createAccessTokens({
      keyRing,
      clock,
      settings: { issuer, audience: issuer, accessTokenLifetimeSeconds: 3_600, cacheEntries },
    });
  const keepingNone = tokensWith(0);
  const forgetful = tokensWith(fewEntries);
  const remembering = tokensWith(tokenCount);
  const tokens: string[] = [];
  while (tokens.length < tokenCount) tokens.push((await forgetful.issue(newSession(now))).token.reveal());
  for (const token of tokens) await remembering.verify(token);

  const key = createPublicKey({ key: { ...publicJwk }, format: 'jwk' });
  const webKey = await importJWK(publicJwk, algorithm);
  const digest = algorithm === 'ES256' ? 'sha256' : null;
  const parts = tokens.map((token) => {
    const end = token.lastIndexOf('.');
    return { signed: Buffer.from(token.slice(0, end)), signature: Buffer.from(token.slice(end + 1), 'base64url') };
  });
  const at = <T>(list: readonly T[], index: number): T => list[index % tokenCount] as T;
  const asJws = algorithm === 'ES256' ? ({ key, dsaEncoding: 'ieee-p1363' } as const) : key;
  const expected = { issuer, audience: issuer, typ: 'at+jwt', algorithms: [algorithm] };
  const bare = (of: typeof asJws, signatures: readonly Buffer[]): Verify => {
    return (index) => {
      if (!verify(digest, at(parts, index).signed, of, at(signatures, index))) throw new Error('a good token was refused');
    };
  };
  const signatures = parts.map(({ signature }) => signature);
  const ways: Record<TokenContestant, Verify> = {
    'node:crypto': bare(asJws, signatures),
    'node:crypto, DER': bare(key, algorithm === 'ES256' ? signatures.map(toDer) : signatures),
    'sallyport, new': (index) => keepingNone.verify(at(tokens, index)),
    'sallyport, new and kept': (index) => forgetful.verify(at(tokens, index)),
    'sallyport, known': (index) => remembering.verify(at(tokens, index)),
    jose: (index) => jwtVerify(at(tokens, index), webKey, expected),
  };
  // Goes on from run to run: a token that comes again too soon would be known.
  let turns = 0;
  return { ways, forgetful, remembering, nextIndex: () => tokensInTurn * turns++ };
}

function newSession(now: Date) {
  const ids = { id: newId('ses'), userId: newId('usr'), organisationId: newId('org') };
  const client = { amr: ['pwd'], ipAddress: '192.0.2.1', userAgent: 'bench', deviceId: null };
  return beginSession({ ...ids, ...client }, now, { idleTimeoutSeconds: 86_400, absoluteTimeoutSeconds: 86_400 });
}

/** The plain way, which no measurement sees: both numbers as DER wants them (RFC 3279, 2.2.3). */
function toDer(signature: Buffer): Buffer {
  const numbers = [signature.subarray(0, 32), signature.subarray(32)].map((number) => {
    const digits = BigInt(`0x${number.toString('hex')}`).toString(16);
    const even = digits.length % 2 === 0 ? digits : `0${digits}`;
    const bytes = Buffer.from(even >= '8' ? `00${even}` : even, 'hex');
    return Buffer.concat([Buffer.from([0x02, bytes.length]), bytes]);
  });
  const content = Buffer.concat(numbers);
  return Buffer.concat([Buffer.from([0x30, content.length]), content]);
}

const prepared = { ES256: prepare('ES256'), EdDSA: prepare('EdDSA') };
const hashes = prepareHashes();

async function throughput(algorithm: SigningAlgorithm, durationMs: number): Promise<Record<string, TokenThroughput>> {
  const { ways, forgetful, remembering, nextIndex } = await prepared[algorithm];
  const [hitsBefore, missesBefore] = [forgetful.stats().hits, remembering.stats().misses];
  const spent = Object.entries(ways).map(([name, way]) => ({ name, way, turnMs: [] as number[], cpuMs: 0 }));
  const until = performance.now() + durationMs;
  for (let turn = 0; performance.now() < until; turn += 1) {
    const index = nextIndex();
    for (const each of turn % 2 === 0 ? spent : spent.toReversed()) {
      const cpuFrom = process.cpuUsage();
      const from = performance.now();
      for (let step = 0; step < tokensInTurn; step += 1) await each.way(index + step);
      each.turnMs.push(performance.now() - from);
      const cpu = process.cpuUsage(cpuFrom);
      each.cpuMs += (cpu.user + cpu.system) / 1_000;
    }
  }
  if (forgetful.stats().hits !== hitsBefore) throw new Error('a token that should be new was known');
  if (remembering.stats().misses !== missesBefore) throw new Error('a token that should be known was verified again');
  // The median: turns in which something else had the processor say nothing of the contestant.
  return Object.fromEntries(
    spent.map(({ name, turnMs, cpuMs }) => [
      name,
      { perSecond: (tokensInTurn / median(turnMs)) * 1_000, cpuMsEach: cpuMs / (turnMs.length * tokensInTurn) },
    ]),
  );
}

/** As the product hashes by default, but for its queue: all are in the thread pool at once. */
async function prepareHashes() {
  const { memoryKib, iterations, parallelism } = loadConfig({}).passwords;
  const parameters = { memoryKib, iterations, parallelism };
  const hasher = await createPasswordHasher({ library: 'auto', parameters, concurrency: 64, maxWaiting: 0 });
  const typed = new Secret(password);
  return { hasher, typed, phc: await hasher.hash(typed) };
}

async function latency(by: 'sallyport' | 'jose', logins: number, durationMs: number): Promise<{ p99Ms: number; hashed: number }> {
  const { ways, nextIndex } = await prepared.ES256;
  const { hasher, typed, phc } = await hashes;
  const way = ways[by === 'jose' ? 'jose' : 'sallyport, new and kept'];
  let isOver = false;
  let hashed = 0;
  const signIns = Array.from({ length: logins }, async () => {
    while (!isOver) {
      if (!(await hasher.verify(phc, typed))) throw new Error('the right password was refused');
      hashed += 1;
    }
  });
  await pause(50);
  const tookMs: number[] = [];
  const pending: Promise<void>[] = [];
  const until = performance.now() + durationMs;
  while (performance.now() < until) {
    const index = nextIndex();
    pending.push(
      (async () => {
        const from = performance.now();
        await way(index);
        tookMs.push(performance.now() - from);
      })(),
    );
    await pause(everyMs);
  }
  await Promise.all(pending);
  isOver = true;
  await Promise.all(signIns);
  tookMs.sort((left, right) => left - right);
  return { p99Ms: tookMs[Math.ceil(tookMs.length * 0.99) - 1] ?? Number.NaN, hashed };
}

process.on('message', async (job: TokenJob & { readonly id: number; readonly ask?: string }) => {
  // The probe answers these.
  if (job.ask !== undefined) return;
  const answer =
    job.work === 'throughput'
      ? await throughput(job.algorithm, job.durationMs)
      : await latency(job.by, job.logins, job.durationMs);
  process.send?.({ id: job.id, answer });
});
