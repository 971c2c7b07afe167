import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventCatalogue } from '#capabilities/events/index.ts';
import { appendedEvents } from '#tests/support/background.ts';
import { type GraphqlAnswer, TestClient } from '#tests/support/client.ts';
import { signInBound } from '#tests/support/dpop.ts';
import { makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { openRows, type Rows } from '#tests/support/rows.ts';
import {
  anotherNetwork,
  documents,
  goodPassword,
  registeredPerson,
  signIn,
  signInWithCookie,
  tokenOf,
} from '#tests/support/stories.ts';
import { schema } from '#transport/graphql/schema.ts';

const patience = { timeout: 10_000, interval: 20 };
const newPassword = 'another long enough passphrase';

let app: TestApp;
let rows: Rows;
beforeAll(async () => {
  app = await makeTestApp({ env: { TRUST_PROXY: 'loopback' } });
  rows = await openRows(app);
});
afterAll(async () => {
  await rows.close();
  await app.close();
});

const freshAddress = () => `emission-${randomUUID()}@example.com`;
const anybody = () => new TestClient(app, { headers: anotherNetwork() });

async function confirmationToken(email: string): Promise<string> {
  await anybody().send(documents.register, { input: { email, password: goodPassword, displayName: 'Ada' } });
  return tokenOf(await app.mailbox.waitFor(email, /confirm/i));
}

async function resetToken(email: string): Promise<string> {
  await anybody().send(documents.requestPasswordReset, { input: { email } });
  return tokenOf(await app.mailbox.waitFor(email, /new password/i));
}

const adminToken = async () => String((await app.node.firstAdminLink())?.split('#token=')[1]);

/** A person with a session by an app that is known by its id. */
async function withDevice() {
  const person = await registeredPerson(app, freshAddress());
  const { client } = await signIn(app, person, { headers: { 'x-device-id': randomUUID() } });
  const { data } = await client.send(documents.devices);
  return { person, client, deviceId: String(data.viewer.devices.edges[0]?.node.id) };
}

type Act = () => Promise<GraphqlAnswer>;

/** One thing that can be done by a mutation: `prepare` sets the scene and returns the deed itself. */
interface Scene {
  readonly mutation: string;
  readonly when: string;
  /** The types of the events that the deed leaves, in order; a job may add its own a moment later. */
  readonly events: readonly string[];
  /** What stands in the answer's `__typename`. */
  readonly answer: string;
  readonly prepare: () => Promise<Act>;
  /** An attempt that fails: it is counted before anything else is known, so it is not the same a second time. */
  readonly failure?: boolean;
}

const scenes: readonly Scene[] = [
  {
    mutation: 'register',
    when: 'of a new address',
    events: ['registration.requested'],
    answer: 'RegisterSuccess',
    prepare: async () => {
      const input = { email: freshAddress(), password: goodPassword, displayName: 'Ada' };
      return () => anybody().send(documents.register, { input });
    },
  },
  {
    mutation: 'register',
    when: 'of an address that has an account',
    events: ['registration.requested', 'registration.repeated'],
    answer: 'RegisterSuccess',
    prepare: async () => {
      const { email } = await registeredPerson(app, freshAddress());
      return () => anybody().send(documents.register, { input: { email, password: newPassword, displayName: 'Ada' } });
    },
  },
  {
    mutation: 'verifyEmail',
    when: 'by a good link',
    events: ['user.registered', 'email.verified'],
    answer: 'VerifyEmailSuccess',
    prepare: async () => {
      const token = await confirmationToken(freshAddress());
      return () => anybody().send(documents.verifyEmail, { input: { token, password: goodPassword } });
    },
  },
  {
    mutation: 'verifyEmail',
    when: 'by a good link, without the password of the sign-up',
    events: ['registration.refused'],
    answer: 'WrongPasswordError',
    prepare: async () => {
      const token = await confirmationToken(freshAddress());
      return () => anybody().send(documents.verifyEmail, { input: { token, password: newPassword } });
    },
  },
  {
    mutation: 'claimFirstAdmin',
    when: 'by the first link',
    events: ['user.registered', 'email.verified', 'admin.claimed'],
    answer: 'ClaimFirstAdminSuccess',
    prepare: async () => {
      const input = { token: await adminToken(), email: freshAddress(), password: goodPassword, displayName: 'Grace' };
      return () => anybody().send(documents.claimFirstAdmin, { input });
    },
  },
  {
    mutation: 'login',
    when: 'with the right password, by a new device',
    events: ['device.first_seen', 'login.succeeded'],
    answer: 'LoginSuccess',
    prepare: async () => {
      const { email } = await registeredPerson(app, freshAddress());
      return () => anybody().send(documents.login, { input: { email, password: goodPassword } });
    },
  },
  {
    mutation: 'login',
    when: 'with the right password, by a device that is known',
    events: ['login.succeeded'],
    answer: 'LoginSuccess',
    prepare: async () => {
      const person = await registeredPerson(app, freshAddress());
      const { client } = await signIn(app, person, { headers: anotherNetwork() });
      client.accessToken = undefined;
      return () => client.send(documents.login, { input: { email: person.email, password: goodPassword } });
    },
  },
  {
    mutation: 'login',
    when: 'beyond the limit of sessions',
    events: ['session.refused'],
    answer: 'SessionLimitReachedError',
    failure: true,
    prepare: async () => {
      const person = await registeredPerson(app, freshAddress());
      const { client } = await signIn(app, person, { headers: anotherNetwork() });
      client.accessToken = undefined;
      return async () => {
        await rows.query(`insert into session_policies (organisation_id, session_limit, limit_action, updated_at)
          select id, 1, 'refuse', now() from organisations
          on conflict (organisation_id) do update set session_limit = 1, limit_action = 'refuse'`);
        const answer = await client.send(documents.login, { input: { email: person.email, password: goodPassword } });
        await rows.query('delete from session_policies');
        return answer;
      };
    },
  },
  {
    mutation: 'updateSessionPolicy',
    when: 'by an administrator',
    events: ['session_policy.updated'],
    answer: 'UpdateSessionPolicySuccess',
    prepare: async () => {
      const person = await registeredPerson(app, freshAddress());
      await rows.query(
        `insert into role_assignments (user_id, organisation_id, role_id, created_at)
         select $1, organisation_id, id, now() from roles where name = 'admin'`,
        [person.userId],
      );
      const { client } = await signIn(app, person);
      return () => client.send(documents.updateSessionPolicy, { input: {} });
    },
  },
  {
    mutation: 'renameDevice',
    when: 'of one’s own',
    events: ['device.renamed'],
    answer: 'RenameDeviceSuccess',
    prepare: async () => {
      const { client, deviceId } = await withDevice();
      return () => client.send(documents.renameDevice, { input: { deviceId, name: 'Kitchen tablet' } });
    },
  },
  {
    mutation: 'trustDevice',
    when: 'that the session began by',
    events: ['device.trusted'],
    answer: 'TrustDeviceSuccess',
    prepare: async () => {
      const { client } = await withDevice();
      return () => client.send(documents.trustDevice, { input: {} });
    },
  },
  {
    mutation: 'revokeDevice',
    when: 'with a session',
    events: ['session.revoked', 'device.revoked'],
    answer: 'RevokeDeviceSuccess',
    prepare: async () => {
      const { person, deviceId } = await withDevice();
      const { client } = await signIn(app, person);
      return () => client.send(documents.revokeDevice, { input: { deviceId } });
    },
  },
  {
    mutation: 'reportUnknownDevice',
    when: 'by a good link, with two sessions',
    events: ['session.revoked', 'session.revoked', 'device.reported'],
    answer: 'ReportUnknownDeviceSuccess',
    prepare: async () => {
      const { person } = await withDevice();
      await signIn(app, person, { headers: { 'x-device-id': randomUUID() } });
      const token = tokenOf(await app.mailbox.waitFor(person.email, /new sign-in/i));
      return () => anybody().send(documents.reportUnknownDevice, { input: { token } });
    },
  },
  {
    mutation: 'changePassword',
    when: 'by cookie',
    events: ['session.rotated', 'password.changed'],
    answer: 'ChangePasswordSuccess',
    prepare: async () => {
      const { client } = await signInWithCookie(app, await registeredPerson(app, freshAddress()));
      return () => client.send(documents.changePassword, { input: { currentPassword: goodPassword, newPassword } });
    },
  },
  {
    mutation: 'login',
    when: 'with a wrong password',
    events: ['password.rejected'],
    answer: 'InvalidCredentialsError',
    failure: true,
    prepare: async () => {
      const { email } = await registeredPerson(app, freshAddress());
      return () => anybody().send(documents.login, { input: { email, password: 'not the password' } });
    },
  },
  {
    mutation: 'login',
    when: 'at an address without an account',
    events: ['password.rejected'],
    answer: 'InvalidCredentialsError',
    failure: true,
    prepare: async () => {
      const email = freshAddress();
      return () => anybody().send(documents.login, { input: { email, password: 'any password' } });
    },
  },
  {
    mutation: 'login',
    when: 'for the sixth time with a wrong password',
    events: ['password.rejected', 'login.throttled'],
    answer: 'InvalidCredentialsError',
    failure: true,
    prepare: async () => {
      const email = freshAddress();
      const guess = () => anybody().send(documents.login, { input: { email, password: 'any password' } });
      for (let attempt = 1; attempt <= 5; attempt += 1) await guess();
      return guess;
    },
  },
  {
    mutation: 'login',
    when: 'before the address is confirmed',
    events: ['login.challenged'],
    answer: 'LoginChallenge',
    prepare: async () => {
      const email = freshAddress();
      await confirmationToken(email);
      return () => anybody().send(documents.login, { input: { email, password: goodPassword } });
    },
  },
  {
    mutation: 'refreshSession',
    when: 'with a fresh token',
    events: ['session.refreshed'],
    answer: 'RefreshSessionSuccess',
    prepare: async () => {
      const { refreshToken } = await signIn(app, await registeredPerson(app, freshAddress()));
      return () => anybody().send(documents.refreshSession, { input: { refreshToken } });
    },
  },
  {
    mutation: 'refreshSession',
    when: 'with a token that was used long ago',
    events: ['refresh_token.reused', 'session.revoked'],
    answer: 'RefreshTokenInvalidError',
    prepare: async () => {
      const { refreshToken } = await signIn(app, await registeredPerson(app, freshAddress()));
      const refresh = () => anybody().send(documents.refreshSession, { input: { refreshToken } });
      await refresh();
      app.clock.advance(11);
      return refresh;
    },
  },
  {
    mutation: 'refreshSession',
    when: 'with a token that is bound to a key, without it',
    events: ['refresh_token.key_mismatch'],
    answer: 'RefreshTokenInvalidError',
    failure: true,
    prepare: async () => {
      const { refreshToken } = await signInBound(app, await registeredPerson(app, freshAddress()));
      return () => anybody().send(documents.refreshSession, { input: { refreshToken } });
    },
  },
  {
    mutation: 'logout',
    when: 'signed in',
    events: ['session.revoked'],
    answer: 'LogoutSuccess',
    prepare: async () => {
      const { client } = await signIn(app, await registeredPerson(app, freshAddress()));
      return () => client.send(documents.logout);
    },
  },
  {
    mutation: 'revokeSession',
    when: 'of another session of the person',
    events: ['session.revoked'],
    answer: 'RevokeSessionSuccess',
    prepare: async () => {
      const person = await registeredPerson(app, freshAddress());
      const [{ client }, { sessionId }] = [await signIn(app, person), await signIn(app, person)];
      return () => client.send(documents.revokeSession, { input: { sessionId } });
    },
  },
  {
    mutation: 'revokeOtherSessions',
    when: 'with two others',
    events: ['session.revoked', 'session.revoked'],
    answer: 'RevokeOtherSessionsSuccess',
    prepare: async () => {
      const person = await registeredPerson(app, freshAddress());
      const { client } = await signIn(app, person);
      await signIn(app, person);
      await signIn(app, person);
      return () => client.send(documents.revokeOtherSessions);
    },
  },
  {
    mutation: 'changePassword',
    when: 'with the right one and another session',
    events: ['session.revoked', 'password.changed'],
    answer: 'ChangePasswordSuccess',
    prepare: async () => {
      const person = await registeredPerson(app, freshAddress());
      await signIn(app, person);
      const { client } = await signIn(app, person);
      return () => client.send(documents.changePassword, { input: { currentPassword: goodPassword, newPassword } });
    },
  },
  {
    mutation: 'changePassword',
    when: 'with a wrong one',
    events: ['password.rejected'],
    answer: 'InvalidCredentialsError',
    failure: true,
    prepare: async () => {
      const { client } = await signIn(app, await registeredPerson(app, freshAddress()));
      return () => client.send(documents.changePassword, { input: { currentPassword: 'not the password', newPassword } });
    },
  },
  {
    mutation: 'reauthenticate',
    when: 'with the right password',
    events: ['session.reauthenticated'],
    answer: 'ReauthenticateSuccess',
    prepare: async () => {
      const { client } = await signIn(app, await registeredPerson(app, freshAddress()));
      return () => client.send(documents.reauthenticate, { input: { password: goodPassword } });
    },
  },
  {
    mutation: 'reauthenticate',
    when: 'with a wrong one',
    events: ['password.rejected'],
    answer: 'InvalidCredentialsError',
    failure: true,
    prepare: async () => {
      const { client } = await signIn(app, await registeredPerson(app, freshAddress()));
      return () => client.send(documents.reauthenticate, { input: { password: 'not the password' } });
    },
  },
  {
    mutation: 'requestPasswordReset',
    when: 'for an account',
    events: ['password.reset_requested'],
    answer: 'RequestPasswordResetSuccess',
    prepare: async () => {
      const { email } = await registeredPerson(app, freshAddress());
      return () => anybody().send(documents.requestPasswordReset, { input: { email } });
    },
  },
  {
    mutation: 'resetPassword',
    when: 'by a good link, with a session',
    events: ['session.revoked', 'password.reset'],
    answer: 'ResetPasswordSuccess',
    prepare: async () => {
      const person = await registeredPerson(app, freshAddress());
      await signIn(app, person);
      const token = await resetToken(person.email);
      return () => anybody().send(documents.resetPassword, { input: { token, newPassword } });
    },
  },
];

/** The types of what was appended after `mark`, sequenced or not, in the order of appending. */
async function eventsAfter(mark: ReadonlySet<string>): Promise<string[]> {
  const found = await rows.query<{ id: string; type: string }>(
    `select id, type from (${appendedEvents}) as appended order by part, place`,
  );
  return found.filter(({ id }) => !mark.has(id)).map(({ type }) => type);
}

async function marked(): Promise<ReadonlySet<string>> {
  const found = await rows.query<{ id: string }>('select id from event_log union select id from event_outbox');
  return new Set(found.map(({ id }) => id));
}

/** Until the background has done all it was asked for: no row of a job is left. */
async function quiet(): Promise<void> {
  // What only waits for its time, as a changed policy that is applied once more, is of no scene.
  await rows.query('delete from graphile_worker._private_jobs where run_at > now() and attempts = 0');
  const left = 'select 1 from graphile_worker._private_jobs union all select 1 from event_outbox';
  await expect.poll(async () => (await rows.query(left)).length, patience).toBe(0);
}

const answerOf = ({ data, text }: GraphqlAnswer, mutation: string): string =>
  (data as Record<string, { __typename: string }> | null)?.[mutation]?.__typename ?? text;

// Rows that say nothing of the change itself: attempts that are counted before it, keys that events are sealed with.
const aside = ['public.sign_in_throttles', 'public.subject_keys'];

async function state(): Promise<Record<string, unknown>> {
  const counts = await rows.counts();
  for (const table of aside) delete counts[table];
  const live = await rows.query('select count(*)::int as live from sessions where revoked_at is null');
  const hashes = await rows.query('select md5(string_agg(hash, user_id order by user_id)) as hashes from password_credentials');
  const refresh = await rows.query('select count(*)::int as consumed from refresh_tokens where consumed_at is not null');
  return { ...counts, ...live[0], ...hashes[0], ...refresh[0] };
}

describe('every mutation leaves its event', () => {
  it('is asked here, each of the schema', () => {
    const mutations = Object.keys(schema.getMutationType()?.getFields() ?? {});
    expect(new Set(scenes.map(({ mutation }) => mutation))).toEqual(new Set(mutations));
  });

  // First without a log: the link of the first administrator is good for one claim only.
  it.each(scenes)('$mutation $when: changes nothing when the event can not be written', async (scene) => {
    const { mutation, prepare, answer, failure = false } = scene;
    // Only asked for here: the job that does it comes later, and its event and its link come together or not at all.
    const later = mutation === 'requestPasswordReset';
    const act = await prepare();
    await quiet();
    const before = await state();
    await rows.query('alter table event_outbox add constraint nothing_more check (false) not valid');
    try {
      const told = answerOf(await act(), mutation);
      expect(told).toContain(later ? answer : 'INTERNAL_ERROR');
      expect(told).not.toContain('event_outbox');
      await expect
        .poll(async () => (await rows.query(`select 1 from graphile_worker._private_jobs where attempts = 0`)).length, patience)
        .toBe(0);
      await rows.query('delete from graphile_worker._private_jobs');
      expect(await state()).toEqual(before);
    } finally {
      await rows.query('alter table event_outbox drop constraint nothing_more');
    }
    // The very same deed works once the log does.
    if (!failure) expect(answerOf(await act(), mutation)).toBe(answer);
    await quiet();
    if (mutation === 'claimFirstAdmin') await rows.query('delete from role_assignments');
  });

  it.each(scenes)('$mutation $when: $events', async ({ mutation, prepare, events, answer }) => {
    const act = await prepare();
    await quiet();
    const mark = await marked();
    expect(answerOf(await act(), mutation)).toBe(answer);
    await expect.poll(() => eventsAfter(mark), patience).toEqual(events);
    await quiet();
    expect(await eventsAfter(mark)).toEqual(events);
  });

  it('knows no event type that nothing emits', () => {
    const emitted = new Set([
      ...scenes.flatMap(({ events }) => events),
      // At start, and after a hundred failures in a row.
      ...['organisation.founded', 'signing_key.created', 'password.disabled'],
      // tests/integration/limits/limits.test.ts.
      'rate_limit.reached',
      // tests/security/session-binding.test.ts.
      'session.binding_violated',
      // tests/integration/sessions/live-policy.test.ts.
      'session_policy.applied',
    ]);
    expect(new Set(eventCatalogue().map(({ type }) => type))).toEqual(emitted);
  });
});
