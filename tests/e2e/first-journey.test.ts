import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, openVisitor, type Visitor } from '#tests/support/browser.ts';
import { makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { type BuiltPages, buildPages } from './build-pages.ts';

const password = 'a quiet gate in the northern wall';
const email = 'ada@harbour.example';
const windowsFirefox = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0';

async function signIn(page: Page): Promise<void> {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** The rows of the live view, newest first. */
function events(page: Page) {
  return page.getByRole('list', { name: 'Security events, newest first' }).getByRole('listitem');
}

describe('a first journey in a browser', () => {
  let pages: BuiltPages;
  let app: TestApp;
  let browser: Browser;
  let ada: Visitor;
  let elsewhere: Visitor;

  beforeAll(async () => {
    pages = await buildPages();
    app = await makeTestApp({ pagesFolder: pages.folder });
    browser = await launchBrowser();
    ada = await openVisitor(browser);
    elsewhere = await openVisitor(browser, { userAgent: windowsFirefox });
  });

  afterAll(async () => {
    await browser?.close();
    await app?.close();
    await pages?.remove();
  });

  it('serves the pages under a policy without inline scripts or styles', async () => {
    const response = await ada.page.goto(app.url);
    const policy = response?.headers()['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe-inline');
    expect(policy).not.toContain('unsafe-eval');
  });

  it('registers and is told to look into the mailbox', async () => {
    const { page } = ada;
    await page.getByRole('tab', { name: 'Register' }).click();
    await page.getByLabel('Your name').fill('Ada Harbour');
    await page.getByLabel('E-mail').fill(email);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.getByRole('heading', { name: 'Look into your mailbox' }).waitFor();
    expect(await page.getByText(email).isVisible()).toBe(true);
  });

  it('finds the mail on the development mailbox page and confirms the address by a click', async () => {
    const { page } = ada;
    await page.getByRole('link', { name: 'Open the development mailbox' }).click();
    await page.getByRole('heading', { name: 'Mailbox' }).waitFor();
    // The server knows the page's own address too, which it prints when it starts.
    await page.reload();
    const link = page.getByRole('link', { name: /\/verify-email#token=/ });
    await link.click();
    await page.getByRole('heading', { name: 'Confirm your address' }).waitFor();
    // The visit alone used nothing up, and the secret has left the address bar.
    expect(new URL(page.url()).hash).toBe('');
    // The link alone is not enough: it may be of a sign-up that a stranger made.
    await page.getByLabel('Password', { exact: true }).fill('not what was chosen at sign-up');
    await page.getByRole('button', { name: 'Confirm my address' }).click();
    await page.getByText('not the password this sign-up was made with').waitFor();
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Confirm my address' }).click();
    await page.getByRole('heading', { name: 'Your address is confirmed' }).waitFor();
  });

  it('signs in with a cookie that no script can read, and sees the session and its history', async () => {
    const { page } = ada;
    await page.getByRole('link', { name: 'Sign in' }).click();
    await signIn(page);
    await page.getByRole('heading', { name: 'Hello, Ada Harbour' }).waitFor();
    await page.getByText('This session').waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    await events(page).filter({ hasText: 'Signed in' }).waitFor();
    await events(page).filter({ hasText: 'E-mail address confirmed' }).waitFor();

    expect(await page.evaluate('document.cookie')).toBe('');
    expect(await page.evaluate('localStorage.length + sessionStorage.length')).toBe(0);
    const cookies = await page.context().cookies(app.url);
    expect(cookies.map(({ name }) => name).sort()).toEqual(['__Host-sallyport', '__Host-sallyport-device']);
    for (const cookie of cookies) expect(cookie).toMatchObject({ httpOnly: true, path: '/' });
  });

  it('sees a sign-in elsewhere arrive live, without loading the page again', async () => {
    await elsewhere.page.goto(app.url);
    await signIn(elsewhere.page);
    await elsewhere.page.getByRole('heading', { name: 'Hello, Ada Harbour' }).waitFor();
    await elsewhere.page.getByText('Live', { exact: true }).waitFor();

    await events(ada.page).filter({ hasText: 'Signed in' }).filter({ hasText: 'Firefox on Windows' }).waitFor();
    await ada.page.getByRole('button', { name: /^Sign out Firefox on Windows/ }).waitFor();
  });

  it('revokes that session, and the page elsewhere says so by itself', async () => {
    await ada.page.getByRole('button', { name: /^Sign out Firefox on Windows/ }).click();
    await ada.page.getByText('The session of Firefox on Windows was signed out.').waitFor();
    await events(ada.page).filter({ hasText: 'A session was signed out' }).waitFor();

    await elsewhere.page.getByText('You have been signed out: this session was ended.').waitFor();
    await elsewhere.page.reload();
    await elsewhere.page.getByRole('tab', { name: 'Sign in' }).waitFor();
    expect(await ada.page.getByText('This session').isVisible()).toBe(true);
  });

  it('signs out and stays out after loading the page again', async () => {
    const { page } = ada;
    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await page.getByText('You have signed out.').waitFor();
    await page.reload();
    await page.getByRole('tab', { name: 'Sign in' }).waitFor();
    expect(await page.getByText('Hello').count()).toBe(0);
  });

  it('made neither browser complain', () => {
    expect(ada.problems).toEqual([]);
    expect(elsewhere.problems).toEqual([]);
  });
});
