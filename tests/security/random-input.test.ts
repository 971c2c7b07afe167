import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GraphqlAnswer, TestClient } from '#tests/support/client.ts';
import { makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { type InputPlace, listMutations, type MutationShape, variablesOf } from '#tests/support/mutation-shapes.ts';
import { openRows, type Rows } from '#tests/support/rows.ts';
import { documents, goodPassword, registeredPerson, signIn, tokenOf } from '#tests/support/stories.ts';

/**
 * Random input at every mutation of the schema, also at one that is added tomorrow: whatever comes, the answer is a result
 * or an error with a code, and the product goes on.
 */

let app: TestApp;
let rows: Rows;
beforeAll(async () => {
  app = await makeTestApp();
  rows = await openRows(app);
});
afterAll(async () => {
  await rows?.close();
  await app?.close();
});

/** Texts of any code units, lone surrogates among them: JSON carries those as escapes. */
const anyText = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 200 }).map((units) => String.fromCharCode(...units));
const text = fc.oneof(
  anyText,
  fc.string({ unit: 'grapheme', maxLength: 100 }),
  fc.emailAddress(),
  fc
    .tuple(fc.constantFrom('a', 'é', '👩‍👩‍👧‍👦', '\u202e', '\0', '\ud800'), fc.constantFrom(100, 1_024, 20_000))
    .map(([unit, count]) => unit.repeat(count)),
  fc
    .tuple(fc.constantFrom('svt', 'srp', 'sbt', 'srt', 'spt', 'ses', 'usr'), fc.base64String({ minLength: 40, maxLength: 48 }))
    .map(([prefix, body]) => `${prefix}_${body}`),
);
const anything = fc.oneof(
  text,
  fc.constant(null),
  fc.boolean(),
  fc.double(),
  fc.maxSafeInteger(),
  fc.array(text, { maxLength: 3 }),
  fc.jsonValue({ maxDepth: 4 }),
);

/** What fits the type, and so gets through to the use case. */
function fitting({ type }: InputPlace, real: Real): fc.Arbitrary<unknown> {
  if (type === 'TokenDelivery') return fc.constantFrom('COOKIE', 'TOKENS');
  if (type === 'Int') return fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  if (type === 'Boolean') return fc.boolean();
  return fc.oneof({ weight: 3, arbitrary: text }, { weight: 1, arbitrary: fc.constantFrom(...real) });
}

/** Values that mean something to this deployment. */
type Real = readonly string[];

/** Mostly of the right form; sometimes with one wrong value, a field too many or too few, or of no form at all. */
function input(mutation: MutationShape, real: Real): fc.Arbitrary<unknown> {
  const values = fc.tuple(...mutation.places.map((place) => fitting(place, real)));
  const at = fc.nat(Math.max(0, mutation.places.length - 1));
  const formed = values.map((chosen) => variablesOf(mutation, (place) => chosen[mutation.places.indexOf(place)]));
  const oneWrong = fc
    .tuple(values, at, fc.oneof(anything, fc.constant(undefined)))
    .map(([chosen, wrong, value]) =>
      variablesOf(mutation, (place) => (mutation.places[wrong] === place ? value : chosen[mutation.places.indexOf(place)])),
    );
  const oneMore = fc
    .tuple(formed, anyText, anything)
    .map(([variables, name, value]) => ({ ...variables, input: { ...(variables['input'] as object), [name]: value } }));
  return fc.oneof(
    { weight: 5, arbitrary: formed },
    { weight: 3, arbitrary: oneWrong },
    oneMore,
    anything,
    fc.record({ input: anything }),
  );
}

function expectHandled(answer: GraphqlAnswer<unknown>): void {
  expect(answer.status, answer.text).toBeLessThan(500);
  const { data, errors, code } = JSON.parse(answer.text) as {
    data?: unknown;
    code?: string;
    errors?: { extensions: { code: string } }[];
  };
  const codes = errors?.map(({ extensions }) => extensions.code) ?? (data == null ? [code] : []);
  for (const one of codes) {
    expect(one, answer.text).toMatch(/^[A-Z][A-Z0-9_]+$/);
    expect(one).not.toBe('INTERNAL_ERROR');
  }
  expect(data != null || codes.length > 0, answer.text).toBe(true);
}

describe.each(listMutations())('random input at $name', (mutation) => {
  it.each(['anonymous', 'signed in'])('is answered and survived, %s', async (who) => {
    const person = await registeredPerson(app);
    const other = await signIn(app, await registeredPerson(app));
    const mail = await app.mailbox.waitFor(person.email, /confirm/i);
    const real = [person.email, goodPassword, other.sessionId, other.refreshToken, tokenOf(mail)];
    let signedIn = await signIn(app, person);
    const numRuns = mutation.places.length === 0 ? 3 : 25;
    await fc.assert(
      fc.asyncProperty(input(mutation, real), async (variables) => {
        // Otherwise most runs would end at the throttles and never reach what stands behind them.
        await rows.query('delete from sign_in_throttles');
        const accessToken = who === 'anonymous' ? {} : { accessToken: signedIn.accessToken };
        expectHandled(await new TestClient(app, accessToken).send(mutation.document, variables));
        if (mutation.name === 'logout') signedIn = await signIn(app, person);
      }),
      { numRuns },
    );
    await rows.query('delete from sign_in_throttles');
    const again = await signIn(app, await registeredPerson(app));
    expect((await again.client.send(documents.viewer)).data.viewer.session.id).toBe(again.sessionId);
    expect(app.logs.filter(({ level }) => level === 'error')).toEqual([]);
  });
});
