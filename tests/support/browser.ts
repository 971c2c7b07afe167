import chromium from '@sparticuz/chromium';
import { type Browser, type BrowserContextOptions, type Page, chromium as playwright } from 'playwright-core';

/** The package's arguments are meant for a function host: these would switch off what a browser protects people by. */
const unwanted: ReadonlySet<string> = new Set([
  '--single-process',
  '--no-zygote',
  '--disable-web-security',
  '--allow-running-insecure-content',
  '--disable-site-isolation-trials',
]);

/**
 * Starts a headless Chromium: the one from npm, or that of SALLYPORT_TEST_CHROMIUM (a path) where the package has no
 * binary for the machine.
 */
export async function launchBrowser(): Promise<Browser> {
  const own = process.env['SALLYPORT_TEST_CHROMIUM'];
  return playwright.launch({
    executablePath: own ?? (await chromium.executablePath()),
    headless: true,
    args: [
      ...(own === undefined ? chromium.args.filter((arg) => !unwanted.has(arg)) : []),
      '--no-sandbox',
      '--disable-background-networking',
    ],
  });
}

/** Runs in the page, so it is text: the tests themselves are not typed against a browser. */
const reportViolations = `addEventListener('securitypolicyviolation', (event) => {
  console.error('content policy: ' + event.violatedDirective + ' ' + event.blockedURI);
});`;

/** A person before a browser of their own: cookies and storage are shared with nobody. */
export interface Visitor {
  readonly page: Page;
  /** What the browser complained about: console errors, uncaught errors and violations of the content policy. */
  readonly problems: readonly string[];
  close(): Promise<void>;
}

export async function openVisitor(browser: Browser, options: BrowserContextOptions = {}): Promise<Visitor> {
  const context = await browser.newContext({ locale: 'en-GB', ...options });
  // Below the time of a test, so that a failure names the element that was waited for.
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => problems.push(`uncaught: ${error.message}`));
  await page.addInitScript({ content: reportViolations });
  return { page, problems, close: () => context.close() };
}
