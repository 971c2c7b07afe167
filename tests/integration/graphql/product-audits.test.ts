import { serverAudits } from 'graphql-http';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copChecks, runCopChecks } from '#tests/support/graphql-cop.ts';
import { fetchWithPreflightHeader } from '#tests/support/guarded-graphql-server.ts';
import { makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';

describe('the product by outside audits of GraphQL over HTTP', () => {
  let app: TestApp;
  const audits = serverAudits({ url: () => `${app.url}/graphql`, fetchFn: fetchWithPreflightHeader });
  beforeAll(async () => {
    app = await makeTestApp();
  });
  afterAll(() => app.close());

  it('has 61 audits', () => {
    expect(audits).toHaveLength(61);
  });

  it.each(['text/html', 'text/plain', 'image/png, application/xml'])(
    'runs nothing whose answer the client does not accept (Accept: %s)',
    async (accept) => {
      const before = await countThrottles();
      const answer = await fetch(`${app.url}/graphql`, {
        method: 'POST',
        headers: { accept, 'content-type': 'application/json' },
        body: JSON.stringify({ query: 'mutation { requestPasswordReset(input: { email: "a@b.example" }) { __typename } }' }),
      });
      expect(answer.status).toBe(406);
      expect(await answer.json()).toMatchObject({ code: 'NOT_ACCEPTABLE' });
      expect(await countThrottles()).toBe(before);
    },
  );

  async function countThrottles(): Promise<number> {
    const client = new pg.Client({ connectionString: app.databaseUrl });
    await client.connect();
    try {
      return (await client.query('select coalesce(sum(failures), 0)::int as n from sign_in_throttles')).rows[0].n;
    } finally {
      await client.end();
    }
  }

  it.each(audits.map((audit) => [`${audit.id} ${audit.name}`, audit] as const))('%s', async (_name, audit) => {
    expect(await audit.fn()).toMatchObject({ status: 'ok' });
  });
});

describe('the product as it runs in production', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await makeTestApp({ env: { GRAPHIQL: 'false', INTROSPECTION: 'false' } });
  });
  afterAll(() => app.close());

  it('gives graphql-cop nothing to report', async () => {
    expect(copChecks.length).toBeGreaterThanOrEqual(13);
    expect(await runCopChecks(`${app.url}/graphql`, fetch)).toEqual([]);
  });
});
