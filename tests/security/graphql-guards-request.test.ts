import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  fetchWithPreflightHeader,
  type GraphqlAnswer,
  type GuardedServer,
  postGraphql,
  sendGraphql,
  startGuardedServer,
} from '#tests/support/guarded-graphql-server.ts';
import { preflightHeader } from '#transport/graphql/guards/index.ts';

/** Attacks by the HTTP request: forms of other sites, odd methods, bodies that are no honest JSON. */

let server: GuardedServer;
beforeAll(async () => {
  server = await startGuardedServer();
});
afterAll(() => server.close());

const json = JSON.stringify({ query: '{ echo(text: "x") }' });
const post = (contentType: string | undefined, body: BodyInit): Promise<GraphqlAnswer> =>
  sendGraphql(server.url, { method: 'POST', headers: contentType === undefined ? {} : { 'content-type': contentType }, body });
const get = (
  params: Record<string, string> | string[][],
  headers: Record<string, string> = { [preflightHeader]: '1' },
): Promise<GraphqlAnswer> => sendGraphql(`${server.url}?${new URLSearchParams(params)}`, { headers });

describe('the media type of a POST', () => {
  it.each(['application/json', 'application/json; charset=utf-8', 'application/json;charset="UTF-8"', 'Application/JSON'])(
    'may be %s',
    async (contentType) => {
      expect(await post(contentType, json)).toMatchObject({ status: 200, data: { echo: 'x' } });
    },
  );

  it.each([
    ['a form of another site', 'application/x-www-form-urlencoded', 'query=%7B__typename%7D'],
    [
      'a form with files',
      'multipart/form-data; boundary=b',
      '--b\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{"query":"{__typename}"}\r\n--b--\r\n',
    ],
    ['JSON that calls itself text', 'text/plain', json],
    ['a bare document', 'application/graphql', '{ __typename }'],
    ['the older GraphQL JSON', 'application/graphql+json', json],
    ['the media type of answers', 'application/graphql-response+json', json],
    ['a type that only begins like JSON', 'application/jsonp', json],
    ['JSON hidden in a parameter', 'text/plain; application/json', json],
    ['another charset', 'application/json; charset=utf-7', json],
  ])('is refused with 415 for %s', async (_name, contentType, body) => {
    const before = server.calls.echo;
    expect(await post(contentType, body)).toMatchObject({ status: 415, code: 'GRAPHQL_MEDIA_TYPE_UNSUPPORTED' });
    expect(server.calls.echo).toBe(before);
  });

  it.each(['text/plain, application/json', 'application/json, text/plain', 'application/json;'.repeat(2)])(
    'is refused with 415 if it is no media type at all: %s',
    async (contentType) => {
      expect((await post(contentType, json)).status).toBe(415);
    },
  );

  it('is refused with 415 where there is none', async () => {
    expect(await post(undefined, new TextEncoder().encode(json))).toMatchObject({
      status: 415,
      code: 'GRAPHQL_MEDIA_TYPE_UNSUPPORTED',
    });
  });
});

describe('the body of a POST', () => {
  const malformed = { status: 400, code: 'REQUEST_MALFORMED' };

  it.each([
    ['an overlong byte sequence', [0xc0, 0xaf]],
    ['half a character', [0xe2, 0x82]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a byte that is never UTF-8', [0xff]],
  ])('is refused if it holds %s', async (_name, bytes) => {
    const body = Buffer.concat([Buffer.from('{"query":"{ echo(text: \\"'), Buffer.from(bytes), Buffer.from('\\") }"}')]);
    expect(await post('application/json', body)).toMatchObject(malformed);
  });

  it('may hold any character of Unicode, NUL too, which is for the input checks to refuse', async () => {
    for (const text of ['Run🏃Swim🏊', 'a\u0000b']) {
      const answer = await postGraphql(server.url, 'query q($t: String) { echo(text: $t) }', { variables: { t: text } });
      expect(answer.data).toEqual({ echo: text });
    }
  });

  it.each(['', ' ', '{', 'null', '1', '"{ __typename }"', 'true', '{}', '[]', `\u{feff}${json}`, `${json} ${json}`])(
    'is refused if it is no object, without waiting for more: %j',
    async (body) => {
      expect(await post('application/json', body)).toMatchObject(malformed);
    },
  );

  it.each([
    ['variables', '{"query":"{ __typename }","variables":{"__proto__":{"admin":true}}}'],
    ['variables, further down', '{"query":"{ __typename }","variables":{"a":[{"b":{"\\u005f_proto__":{}}}]}}'],
    ['extensions', '{"query":"{ __typename }","extensions":{"__proto__":{"admin":true}}}'],
  ])('is refused if it carries a prototype in the %s', async (_name, body) => {
    expect(await post('application/json', body)).toMatchObject(malformed);
    expect(Object.hasOwn(Object.prototype, 'admin')).toBe(false);
  });

  it('is refused if it nests a hundred thousand lists', async () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    expect(await post('application/json', `{"query":"{ __typename }","variables":{"a":${deep}}}`)).toMatchObject({
      status: 400,
      code: 'QUERY_TOO_DEEP',
    });
  });

  it('is refused with 413 while it comes in, if it is longer than the body limit', async () => {
    expect((await post('application/json', `{"query":"${'x'.repeat(10_000_000)}"}`)).status).toBe(413);
  });

  it('is refused with 413 if it is longer than the limit and does not say so beforehand', async () => {
    const { hostname, port } = new URL(server.url);
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), hostname);
      socket.setEncoding('utf8').once('data', (chunk: string) => {
        socket.destroy();
        resolve(chunk);
      });
      socket.once('error', reject);
      socket.write(
        `POST /graphql HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`,
      );
      socket.write(`${(400_000).toString(16)}\r\n${'x'.repeat(400_000)}\r\n0\r\n\r\n`);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('is refused if it is a batch, even of one', async () => {
    for (const count of [1, 10]) {
      const body = JSON.stringify(Array.from({ length: count }, () => ({ query: '{ echo }' })));
      const before = server.calls.echo;
      expect(await post('application/json', body)).toMatchObject({ status: 400, code: 'BATCHING_DISABLED' });
      expect(server.calls.echo).toBe(before);
    }
  });
});

describe('GET', () => {
  it('answers a query that comes with the preflight header', async () => {
    expect(
      await get({ query: 'query q($t: String) { echo(text: $t) }', variables: '{"t":"x"}', operationName: 'q' }),
    ).toMatchObject({
      status: 200,
      data: { echo: 'x' },
    });
  });

  it('refuses what a link, an image or a script of another site can send', async () => {
    const before = server.calls.echo;
    for (const accept of ['*/*', 'application/json', 'application/graphql-response+json']) {
      expect(await get({ query: '{ echo }' }, { accept })).toMatchObject({ status: 400, code: 'PREFLIGHT_HEADER_REQUIRED' });
    }
    for (const accept of ['text/html', 'image/avif']) {
      expect((await get({ query: '{ echo }' }, { accept })).data).toBeUndefined();
    }
    expect(server.calls.echo).toBe(before);
  });

  it('never carries a mutation', async () => {
    const answer = await get({ query: 'mutation { login(password: "x") { __typename } }' });
    expect(answer).toMatchObject({ status: 405, code: 'GRAPHQL_METHOD_NOT_ALLOWED' });
    expect(server.calls.login).toBe(0);
  });

  it('never carries a mutation that hides behind a query of the same document', async () => {
    const query = 'query a { __typename } mutation b { login(password: "x") { __typename } }';
    expect(await get({ query, operationName: 'a' })).toMatchObject({ status: 200, data: { __typename: 'Query' } });
    expect(await get({ query, operationName: 'b' })).toMatchObject({ status: 405 });
    expect(server.calls.login).toBe(0);
  });

  it('never carries a mutation whose document is cached from a POST', async () => {
    const query = 'mutation cached { login(password: "x") { __typename } }';
    expect((await postGraphql(server.url, query)).status).toBe(200);
    const before = server.calls.login;
    expect((await get({ query })).status).toBe(405);
    expect(server.calls.login).toBe(before);
  });

  it.each([
    [
      'variables that are no JSON',
      [
        ['query', '{ __typename }'],
        ['variables', '{'],
      ],
    ],
    [
      'variables that are no object',
      [
        ['query', '{ __typename }'],
        ['variables', '[1]'],
      ],
    ],
    [
      'extensions that are no object',
      [
        ['query', '{ __typename }'],
        ['extensions', '"x"'],
      ],
    ],
  ])('is refused with %s', async (_name, params) => {
    expect(await get(params)).toMatchObject({ status: 400, code: 'REQUEST_MALFORMED' });
  });

  it('is measured like a POST', async () => {
    const answer = await fetchWithPreflightHeader(`${server.url}?query={${'a:__typename '.repeat(60)}}`);
    expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: 'QUERY_TOO_COMPLEX' } }] });
  });
});

describe('other methods', () => {
  it('are refused with 405', async () => {
    expect(
      await sendGraphql(server.url, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: json }),
    ).toMatchObject({
      status: 405,
      code: 'GRAPHQL_METHOD_NOT_ALLOWED',
    });
  });
});
