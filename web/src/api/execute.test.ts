import { afterEach, describe, expect, it, vi } from 'vitest';
import { SessionCheck } from '../events/security-event.ts';
import { execute } from './execute.ts';
import { describeFailure, RequestFailure } from './request-failure.ts';

function answerWith(response: () => Promise<Response>) {
  const fetched = vi.fn<typeof fetch>(response);
  vi.stubGlobal('fetch', fetched);
  return fetched;
}

async function failureOf(response: () => Promise<Response>): Promise<RequestFailure> {
  answerWith(response);
  const failure = await execute(SessionCheck, {}).catch((error: unknown) => error);
  if (!(failure instanceof RequestFailure)) throw new Error('execute did not fail as expected');
  return failure;
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('execute', () => {
  it('returns the data and keeps credentials on this origin', async () => {
    const fetched = answerWith(async () => Response.json({ data: { viewer: null } }));
    expect(await execute(SessionCheck, {})).toEqual({ viewer: null });
    const [url, init] = fetched.mock.calls[0] ?? [];
    expect(url).toBe('/graphql');
    expect(init).toMatchObject({ method: 'POST', credentials: 'same-origin' });
    expect(new Headers(init?.headers).get('content-type')).toBe('application/json');
  });

  it('reports no network as unreachable', async () => {
    const failure = await failureOf(() => Promise.reject(new TypeError('Failed to fetch')));
    expect(failure.kind).toBe('unreachable');
  });

  it('reports an overloaded server as busy, also behind a proxy that answers with a page of its own', async () => {
    const failure = await failureOf(async () => new Response('<h1>503</h1>', { status: 503, headers: { 'retry-after': '7' } }));
    expect(failure).toMatchObject({ kind: 'busy', retryAfterSeconds: 7 });
  });

  it('tells a page that is open under a foreign address to be opened under the own one', async () => {
    const failure = await failureOf(async () =>
      Response.json({ errors: [{ message: 'refused', extensions: { code: 'ORIGIN_REFUSED' } }] }, { status: 403 }),
    );
    expect(failure.kind).toBe('foreign-origin');
    expect(describeFailure(failure)).toContain('PUBLIC_URL');
  });

  it('reports top-level errors as a defect with its correlation id, even beside data', async () => {
    const failure = await failureOf(async () =>
      Response.json({
        data: { viewer: null },
        errors: [{ message: 'masked', extensions: { code: 'INTERNAL', correlationId: 'c-1' } }],
      }),
    );
    expect(failure).toMatchObject({ kind: 'defect', correlationId: 'c-1' });
  });
});
