import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSchema, createYoga } from 'graphql-yoga';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CopFinding, copChecks, runCopChecks } from '#tests/support/graphql-cop.ts';
import { type GuardedServer, startGuardedServer } from '#tests/support/guarded-graphql-server.ts';

describe('the checks of graphql-cop', () => {
  let server: GuardedServer;
  let findings: CopFinding[];
  beforeAll(async () => {
    server = await startGuardedServer();
    findings = await runCopChecks(server.url);
  });
  afterAll(() => server.close());

  it('are thirteen', () => {
    expect(new Set(copChecks).size).toBe(13);
  });

  it.each(copChecks)('find nothing by %s', (check) => {
    expect(findings.filter((finding) => finding.check === check)).toEqual([]);
  });
});

describe('the checks themselves', () => {
  it('find what an unguarded server shows, so that finding nothing means something', async () => {
    const schema = createSchema({ typeDefs: 'type Query { directives: String } type Mutation { a: String }' });
    const unguarded = createYoga({ schema, batching: true, logging: false });
    const server = createServer((request, response) => void unguarded(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const found = (await runCopChecks(`http://127.0.0.1:${port}/graphql`)).map(({ check }) => check);
    server.close();
    server.closeAllConnections();
    // graphql-js bounds circular introspection by itself; Yoga shows no traces, no exceptions, and refuses GET mutations.
    expect(found).toEqual([
      'alias overloading',
      'array-based query batching',
      'directive overloading',
      'field duplication',
      'field suggestions',
      'GraphQL IDE',
      'introspection',
      'GET method query support',
      'POST based url-encoded query',
    ]);
  });
});
