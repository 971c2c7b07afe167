import { Client } from 'undici';

/**
 * The load generator, a process of its own. Each connection is kept alive and has one request in flight. A job says for how
 * long; every answer is checked, since a server that refuses is always fast.
 *
 * @typedef {{ headers: Record<string, string>, body?: string }} Request
 * @typedef {object} Job
 * @property {number} id
 * @property {string} origin
 * @property {'GET' | 'POST'} method
 * @property {string} path
 * @property {Request[][]} connections The requests of each connection, sent round and round.
 * @property {string} expect What the body of every right answer holds.
 * @property {number} durationMs
 * @property {number} [everyMs] Each connection sends one request in this time; without it the next follows the answer.
 */

process.on('message', async (/** @type {Job} */ job) => {
  const answer = await run(job).catch((error) => ({ error: String(error?.stack ?? error) }));
  process.send?.({ id: job.id, answer });
});
process.on('disconnect', () => process.exit());

/** @param {Job} job */
async function run(job) {
  const clients = job.connections.map(() => new Client(job.origin, { pipelining: 1 }));
  const tally = {
    inTime: 0,
    total: 0,
    failures: 0,
    firstFailure: /** @type {string | null} */ (null),
    latenciesMs: /** @type {number[]} */ ([]),
  };
  const startedAt = performance.now();
  const until = startedAt + job.durationMs;
  try {
    await Promise.all(job.connections.map((requests, index) => drive(clients[index], requests, job, tally, until, index)));
  } finally {
    await Promise.all(clients.map((client) => client.destroy()));
  }
  const sorted = Float64Array.from(tally.latenciesMs).sort();
  return {
    total: tally.total,
    perSecond: tally.inTime / (job.durationMs / 1000),
    failures: tally.failures,
    firstFailure: tally.firstFailure,
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
    maxMs: quantile(sorted, 1),
  };
}

async function drive(client, requests, job, tally, until, index) {
  const everyMs = job.everyMs ?? 0;
  // Connections that are paced begin one after the other, not all at once.
  let due = performance.now() + (everyMs * index) / job.connections.length;
  for (let turn = 0; ; turn += 1) {
    if (everyMs > 0) {
      due += everyMs;
      if (due > performance.now()) await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
    }
    if (performance.now() >= until) return;
    // A paced request that had to wait for the one before it has been waiting since it was due.
    const from = everyMs > 0 ? Math.min(due, performance.now()) : performance.now();
    const problem = await exchange(client, job, requests[turn % requests.length]);
    const now = performance.now();
    tally.total += 1;
    if (problem !== null) {
      tally.failures += 1;
      tally.firstFailure ??= problem;
    } else if (now <= until) tally.inTime += 1;
    tally.latenciesMs.push(now - from);
  }
}

/** Resolves with what was wrong with the answer, or null. */
function exchange(client, { method, path, expect }, { headers, body }) {
  return new Promise((resolve) => {
    let status = 0;
    const chunks = [];
    client.dispatch(
      { method, path, headers, body },
      {
        onRequestStart() {},
        onResponseStart(_controller, statusCode) {
          status = statusCode;
        },
        onResponseData(_controller, chunk) {
          chunks.push(chunk);
        },
        onResponseEnd() {
          const text = chunks.length === 1 ? chunks[0].toString() : Buffer.concat(chunks).toString();
          resolve(status === 200 && text.includes(expect) ? null : `${status} ${text.slice(0, 300)}`);
        },
        onResponseError(_controller, error) {
          resolve(String(error));
        },
      },
    );
  });
}

function quantile(sorted, share) {
  return sorted.length === 0 ? 0 : sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)];
}
