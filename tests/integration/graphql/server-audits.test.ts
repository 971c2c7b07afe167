import { type Audit, type AuditResult, serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fetchWithPreflightHeader, type GuardedServer, startGuardedServer } from '#tests/support/guarded-graphql-server.ts';

/**
 * The audits of GraphQL over HTTP, with every guard on. The client sends the preflight header, as every client of the API
 * does; nothing else about the requests is changed.
 */
const auditsOf = (url: () => string): Audit[] => serverAudits({ url, fetchFn: fetchWithPreflightHeader });

const names = auditsOf(() => '').map(({ id, name }) => [`${id} ${name}`, id] as const);

/** Audits that ask for `__type` and take nothing but an answer for a pass. */
const askForIntrospection = ['BF61', '2EA1', '28B9', 'D6D5', '6A70'];

function run(audits: readonly Audit[], id: string): Promise<AuditResult> {
  const audit = audits.find((candidate) => candidate.id === id);
  if (audit === undefined) throw new Error(`there is no audit ${id}`);
  return Promise.resolve(audit.fn());
}

describe('GraphQL over HTTP', () => {
  let server: GuardedServer;
  const audits = auditsOf(() => server.url);
  beforeAll(async () => {
    server = await startGuardedServer({ introspection: true });
  });
  afterAll(() => server.close());

  it('has 61 audits', () => {
    expect(names).toHaveLength(61);
  });

  it.each(names)('%s', async (_name, id) => {
    expect(await run(audits, id)).toMatchObject({ status: 'ok' });
  });
});

describe('GraphQL over HTTP where introspection is off', () => {
  let server: GuardedServer;
  const audits = auditsOf(() => server.url);
  beforeAll(async () => {
    server = await startGuardedServer({ introspection: false });
  });
  afterAll(() => server.close());

  it.each(names.filter(([, id]) => !askForIntrospection.includes(id)))('%s', async (_name, id) => {
    expect(await run(audits, id)).toMatchObject({ status: 'ok' });
  });

  it.each(askForIntrospection)('%s is refused for nothing but its introspection', async (id) => {
    const result = await run(audits, id);
    if (result.status === 'ok') throw new Error(`audit ${id} passes now: take it off the list`);
    expect(await result.response.clone().json()).toMatchObject({ errors: [{ extensions: { code: 'INTROSPECTION_DISABLED' } }] });
  });
});
