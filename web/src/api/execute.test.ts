import { createChallenge, verifySolution } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { SignIn } from '../entry/operations.ts';
import { SessionCheck } from '../events/security-event.ts';
import { TokenDelivery } from '../gql/graphql.ts';
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

  it('names its document by the id, and tells the document to a server that does not know it', async () => {
    const answers = [{ errors: [{ extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }] }, { data: { viewer: null } }];
    const fetched = answerWith(async () => Response.json(answers.shift()));
    expect(await execute(SessionCheck, {})).toEqual({ viewer: null });
    expect(fetched.mock.calls.map(([, init]) => JSON.parse(String(init?.body)))).toEqual([
      { documentId: expect.stringMatching(/^sha256:[0-9a-f]{64}$/), variables: {} },
      { query: SessionCheck.toString(), variables: {} },
    ]);
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

  it('does the work that it is asked for, and sends the same once more with the solution', async () => {
    const challenge = await createChallenge({
      algorithm: 'PBKDF2/SHA-256',
      cost: 1,
      deriveKey,
      expiresAt: new Date(Date.now() + 60_000),
      hmacSignatureSecret: 'secret',
    });
    const answers = [
      { login: { __typename: 'ChallengeRequiredError', message: '', provider: 'ALTCHA', challenge } },
      { login: { __typename: 'InvalidCredentialsError' } },
    ];
    const fetched = answerWith(async () => Response.json({ data: answers.shift() }));
    const input = { email: 'a@example.com', password: 'x', delivery: TokenDelivery.Cookie };
    expect(await execute(SignIn, { input })).toEqual({ login: { __typename: 'InvalidCredentialsError' } });
    const [first, second] = fetched.mock.calls.map(([, init]) => init);
    expect(second?.body).toBe(first?.body);
    const response = JSON.parse(atob(new Headers(second?.headers).get('x-challenge-response') ?? ''));
    const { verified } = await verifySolution({ ...response, deriveKey, hmacSignatureSecret: 'secret' });
    expect(verified).toBe(true);
  });

  it.each([
    ['a widget that is not ours', { provider: 'TURNSTILE', challenge: { siteKey: 'x' } }],
    ['what is no challenge', { provider: 'ALTCHA', challenge: { parameters: null } }],
  ])('hands on being asked for %s', async (_name, asked) => {
    const login = { __typename: 'ChallengeRequiredError', message: '', ...asked };
    const fetched = answerWith(async () => Response.json({ data: { login } }));
    const input = { email: 'a@example.com', password: 'x', delivery: TokenDelivery.Cookie };
    expect(await execute(SignIn, { input })).toEqual({ login });
    expect(fetched).toHaveBeenCalledTimes(1);
  });
});
