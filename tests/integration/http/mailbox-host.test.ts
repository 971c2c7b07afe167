import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveDevelopmentMailbox } from '#transport/http/mailbox-route.ts';
import { type HostFixture, startHost } from './host-fixture.ts';

const publicUrl = new URL('https://dev.example.org');
let host: HostFixture;
beforeAll(async () => {
  host = await startHost({
    routes: (app) => serveDevelopmentMailbox(app, { list: async () => [], send: async () => {} }, publicUrl),
  });
});
afterAll(() => host.app.close());

describe('the development mailbox', () => {
  it.each(['localhost:4000', '127.0.0.1', '[::1]:4000', 'dev.example.org', 'DEV.example.org'])('answers %s', async (name) => {
    expect(await host.call('/dev/mailbox.json', { headers: { host: name } })).toMatchObject({ status: 200, text: '[]' });
  });

  it.each([
    'rebind.evil.example',
    'rebind.evil.example:4000',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'evil@localhost',
    'dev.example.org.evil.example',
    '192.168.1.5:4000',
  ])('has nothing for a page whose name was made to lead here: %s', async (name) => {
    expect(await host.call('/dev/mailbox.json', { headers: { host: name } })).toMatchObject({ status: 404 });
  });
});
