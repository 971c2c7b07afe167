import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, openVisitor } from '#tests/support/browser.ts';
import { makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';

let app: TestApp;
let browser: Browser;
beforeAll(async () => {
  app = await makeTestApp();
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await app?.close();
});

describe('GraphiQL in a browser', () => {
  it('runs a query under a policy of nonces, and the browser complains of nothing', async () => {
    const { page, problems, close } = await openVisitor(browser);
    const response = await page.goto(`${app.url}/graphql`);
    const policy = response?.headers()['content-security-policy'] ?? '';
    expect(policy).toMatch(/script-src 'nonce-[^']+' blob:; style-src 'nonce-[^']+';/);
    expect(policy).not.toContain('unsafe-eval');
    const again = await page.request.get(`${app.url}/graphql`, { headers: { accept: 'text/html' } });
    expect(again.headers()['content-security-policy']).not.toBe(policy);

    // The editor is there, coloured and laid out, which takes its scripts, workers and styles.
    await page.locator('.graphiql-query-editor .view-line').first().waitFor();
    await page.getByRole('button', { name: /Execute query/ }).click();
    await page.getByRole('menuitem', { name: 'Me' }).click();
    await page.locator('.graphiql-response .view-line').filter({ hasText: 'viewer' }).waitFor();
    expect(problems).toEqual([]);
    await close();
  });
});
