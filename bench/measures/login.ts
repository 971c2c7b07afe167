import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bench } from '../bench.ts';
import { signInPath, startBetterAuth } from '../better-auth.ts';
import { askedContestant, type Contestant, interleave, ratio, serverContestant } from '../interleave.ts';
import { startProgram } from '../processes.ts';
import { loginConnections } from '../product.ts';
import type { RawVerifyJob } from '../raw-verify.ts';
import { type Measured, ratioFinding, samplesLines } from '../report.ts';
import { password } from '../seed.ts';

const peerConnections = 4;

/** Sign-ins with right passwords: against bare verifications of the same hash, and against better-auth's own sign-in. */
export async function measureLogin(bench: Bench): Promise<Measured> {
  const { connections } = bench.effort;
  const product = await bench.product();
  const peer = await startBetterAuth(bench, connections);
  const signIn = (delivery: 'COOKIE' | 'TOKENS') =>
    serverContestant(`Sallyport login, ${delivery}`, product.program, bench.load, {
      origin: product.origin,
      method: 'POST',
      path: '/graphql',
      connections: loginConnections(product, connections, delivery),
      expect: '"LoginSuccess"',
    });
  const samples = await interleave(
    [
      await rawVerifications(bench, product.passwordHash),
      signIn('COOKIE'),
      signIn('TOKENS'),
      serverContestant('better-auth sign-in', peer.program, bench.load, {
        origin: peer.origin,
        method: 'POST',
        path: signInPath,
        // As many as it can answer within a round: with more, each of them waits for longer than that.
        connections: peer.signIns.slice(0, peerConnections).map((request) => [request]),
        expect: '"token":',
      }),
    ],
    bench.effort,
  );
  await peer.program.stop();
  return {
    name: 'login',
    findings: [
      ratioFinding('login, COOKIE : bare verifications', ratio(samples, 'Sallyport login, COOKIE', 'bare verifications'), 0.8),
      ratioFinding('login, TOKENS : bare verifications', ratio(samples, 'Sallyport login, TOKENS', 'bare verifications'), 0.8),
      ratioFinding('login, COOKIE : better-auth sign-in', ratio(samples, 'Sallyport login, COOKIE', 'better-auth sign-in'), 5),
    ],
    details: samplesLines(samples),
    data: Object.fromEntries(samples),
  };
}

async function rawVerifications(bench: Bench, hash: string): Promise<Contestant> {
  const entry = fileURLToPath(new URL('../raw-verify.ts', import.meta.url));
  const outputFile = join(bench.folder, 'raw-verify.log');
  const program = await startProgram({ name: 'the bare verifications', entry, outputFile }, async () => true);
  bench.defer(() => program.stop());
  return askedContestant('bare verifications', program, (durationMs) => ({ hash, password, durationMs }) satisfies RawVerifyJob);
}
