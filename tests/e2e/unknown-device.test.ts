import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, openVisitor, type Visitor } from '#tests/support/browser.ts';
import type { TestClient } from '#tests/support/client.ts';
import { makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { documents, type Person, registeredPerson, signIn, signInWithCookie } from '#tests/support/stories.ts';
import { type BuiltPages, buildPages } from './build-pages.ts';

describe('a sign-in that was not one’s own, in a browser', () => {
  let pages: BuiltPages;
  let app: TestApp;
  let browser: Browser;
  let reader: Visitor;
  let person: Person;
  let thief: TestClient;

  beforeAll(async () => {
    pages = await buildPages();
    app = await makeTestApp({ pagesFolder: pages.folder });
    browser = await launchBrowser();
    reader = await openVisitor(browser);
    person = await registeredPerson(app);
    await signInWithCookie(app, person);
    thief = (await signIn(app, person, { headers: { 'user-agent': 'curl/8.5.0' } })).client;
  });

  afterAll(async () => {
    await browser?.close();
    await app?.close();
    await pages?.remove();
  });

  it('is reported by a click on the page of the mailed link; the visit alone does nothing', async () => {
    const { page } = reader;
    const mail = await app.mailbox.waitFor(person.email, /new sign-in/i);
    await page.goto(mail.links.find((link) => link.includes('/unknown-device')) ?? '');
    await page.getByRole('heading', { name: 'Was this not you?' }).waitFor();
    expect(new URL(page.url()).hash).toBe('');
    expect((await thief.send(documents.viewer)).status).toBe(200);
    await page.getByRole('button', { name: 'It was not me' }).click();
    await page.getByRole('heading', { name: 'That device is signed out' }).waitFor();
    expect((await thief.send(documents.viewer)).status).toBe(401);
  });

  it('leads on to the mail that sets a new password', async () => {
    const mail = await app.mailbox.waitFor(person.email, /new password/i);
    const { page } = reader;
    await page.goto(mail.links.find((link) => link.includes('/reset-password')) ?? '');
    await page.getByRole('heading', { name: 'Choose a new password' }).waitFor();
  });

  it('made the browser complain of nothing', () => expect(reader.problems).toEqual([]));
});
