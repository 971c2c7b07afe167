import type { Bench } from '../bench.ts';
import { getSessionPath, startBetterAuth } from '../better-auth.ts';
import { interleave, processorRatio, ratio, serverContestant } from '../interleave.ts';
import { signInByCookie, viewerConnections } from '../product.ts';
import { type Measured, ratioFinding, samplesLines } from '../report.ts';

const ours = 'Sallyport viewer';
const theirs = 'better-auth get-session';

/** Who is signed in, by a session cookie that a revocation ends at once: against better-auth's get-session. */
export async function measureViewer(bench: Bench): Promise<Measured> {
  const { connections } = bench.effort;
  const product = await bench.product();
  const peer = await startBetterAuth(bench, connections);
  const cookies = await signInByCookie(product, connections);
  const samples = await interleave(
    [
      serverContestant(ours, product.program, bench.load, {
        origin: product.origin,
        method: 'POST',
        path: '/graphql',
        connections: viewerConnections(cookies),
        expect: '"email":"person-',
      }),
      serverContestant(theirs, peer.program, bench.load, {
        origin: peer.origin,
        method: 'GET',
        path: getSessionPath,
        connections: peer.cookies.map((cookie) => [{ headers: { cookie } }]),
        expect: '"email":"person-',
      }),
    ],
    bench.effort,
  );
  await peer.program.stop();
  return {
    name: 'viewer',
    findings: [
      ratioFinding('viewer : better-auth get-session', ratio(samples, ours, theirs), 5),
      ratioFinding('  by processor time of the servers', processorRatio(samples, ours, theirs)),
    ],
    details: samplesLines(samples),
    data: Object.fromEntries(samples),
  };
}
