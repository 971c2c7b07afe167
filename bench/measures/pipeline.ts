import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bench } from '../bench.ts';
import { interleave, processorRatio, ratio, serverContestant } from '../interleave.ts';
import { answers, freePort, startProgram } from '../processes.ts';
import { documents, graphqlRequest, signInByCookie, viewerConnections } from '../product.ts';
import { type Measured, ratioFinding, samplesLines } from '../report.ts';

const ours = 'Sallyport { __typename }';
const viewer = 'Sallyport viewer';
const control = 'empty Yoga { __typename }';

/** What all that stands around an operation costs (headers, guards, limits, log, metrics): against a Yoga without any of it. */
export async function measurePipeline(bench: Bench): Promise<Measured> {
  const { effort, load } = bench;
  const product = await bench.product();
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const entry = fileURLToPath(new URL('../server-empty-yoga.ts', import.meta.url));
  const empty = await startProgram(
    {
      name: 'the empty Yoga',
      entry,
      env: { NODE_ENV: 'production', PORT: String(port) },
      outputFile: join(bench.folder, 'empty-yoga.log'),
    },
    answers(`${origin}/ready`),
  );
  bench.defer(() => empty.stop());
  const cookies = await signInByCookie(product, effort.connections);
  const typename = {
    method: 'POST',
    path: '/graphql',
    connections: cookies.map(() => [graphqlRequest(documents.typename)]),
    expect: '"Query"',
  } as const;
  const samples = await interleave(
    [
      serverContestant(ours, product.program, load, { ...typename, origin: product.origin }),
      serverContestant(control, empty, load, { ...typename, origin }),
      serverContestant(viewer, product.program, load, {
        ...typename,
        origin: product.origin,
        connections: viewerConnections(cookies),
        expect: '"email":"person-',
      }),
    ],
    effort,
  );
  await empty.stop();
  return {
    name: 'pipeline',
    findings: [
      ratioFinding('{ __typename } : the same on an empty Yoga', ratio(samples, ours, control), 0.75),
      ratioFinding('  by processor time of the servers', processorRatio(samples, ours, control)),
      ratioFinding('viewer with a session : { __typename } on an empty Yoga', ratio(samples, viewer, control)),
    ],
    details: samplesLines(samples),
    data: Object.fromEntries(samples),
  };
}
