import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, openVisitor, type Visitor } from '#tests/support/browser.ts';
import { makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { registeredPerson, signIn } from '#tests/support/stories.ts';

const patience = { timeout: 20_000, interval: 50 };

describe('GraphiQL', () => {
  let app: TestApp;
  let browser: Browser;
  let visitor: Visitor;

  beforeAll(async () => {
    app = await makeTestApp();
    browser = await launchBrowser();
    visitor = await openVisitor(browser);
  });
  afterAll(async () => {
    await browser?.close();
    await app?.close();
  });

  it('subscribes with the Authorization of its headers editor', async () => {
    const person = await registeredPerson(app);
    const { accessToken } = await signIn(app, person);
    const tab = {
      id: 'tab',
      hash: 'tab',
      title: 'Live',
      query: 'subscription Live { securityEvents(after: "0") { type } }',
      variables: null,
      headers: JSON.stringify({ Authorization: `Bearer ${accessToken}` }),
      operationName: 'Live',
      response: null,
    };
    // As the page itself keeps what was typed into its editors.
    const kept = JSON.stringify({ tabs: [tab], activeTabIndex: 0 });
    const { page } = visitor;
    await page.addInitScript({
      content: `localStorage.setItem('graphiql:tabState', ${JSON.stringify(kept)});
        localStorage.setItem('graphiql:query', ${JSON.stringify(tab.query)});
        localStorage.setItem('graphiql:headers', ${JSON.stringify(tab.headers)});`,
    });
    const received: string[] = [];
    page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => received.push(String(payload))));
    await page.goto(`${app.url}/graphql`);
    await page.getByRole('button', { name: /^Execute query/ }).click();
    await expect.poll(() => received.join('\n'), patience).toContain('"connection_ack"');
    await expect.poll(() => received.join('\n'), patience).toContain('registration.requested');
  }, 90_000);

  it('opens again at the address in which it keeps what was typed', async () => {
    const { page } = visitor;
    await page.goto(`${app.url}/graphql?query=${encodeURIComponent('{ viewer { user { id } } }')}`);
    await page.getByRole('button', { name: /^Execute query/ }).waitFor();
  });
});
