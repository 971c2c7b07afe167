import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TestClient } from '#tests/support/client.ts';
import { documents, goodPassword } from '#tests/support/stories.ts';
import { temporaryFolder } from './embedded-folder.ts';
import { isGone, postmasterPid } from './embedded-process.ts';
import { StartedProduct } from './started-product.ts';

/** The addresses of the welcome, by their names. */
function welcomeOf({ stdout }: StartedProduct): Map<string, string> {
  return new Map([...stdout.matchAll(/^ {2}([A-Z][\w ]*?) {2,}(https?:\S+)/gm)].map(([, name = '', url = '']) => [name, url]));
}

describe('npm start without any setting', () => {
  it('shows where to go and a link for the first admin, stops cleanly on Ctrl-C, and has everything at the next start', async () => {
    const dataDir = join(await temporaryFolder(), 'data');
    const environment = { DATA_DIR: dataDir, PORT: '0', COOKIE_SECURE: 'false' };
    const first = new StartedProduct(environment);
    await first.says('Ctrl-C stops everything.');
    const shown = welcomeOf(first);
    expect([...shown.keys()]).toEqual(['Page', 'GraphiQL', 'Mailbox', 'First admin']);

    const origin = new URL(shown.get('Page') ?? '').origin;
    expect(await (await fetch(`${origin}/health/ready`)).json()).toMatchObject({ status: 'ready' });
    const graphiql = await fetch(shown.get('GraphiQL') ?? '', { headers: { accept: 'text/html' } });
    expect(await graphiql.text()).toContain('GraphiQL');

    const client = new TestClient({ url: origin });
    const [, token] = (shown.get('First admin') ?? '').split('#token=');
    const admin = { email: 'admin@example.com', password: goodPassword };
    const claimed = await client.send(documents.claimFirstAdmin, { input: { token, ...admin, displayName: 'Grace Hopper' } });
    expect(claimed.data?.claimFirstAdmin.__typename, claimed.text).toBe('ClaimFirstAdminSuccess');
    // As the page does it: the cookie counts from the origin that was shown.
    await client.send(documents.login, { input: { ...admin, delivery: 'COOKIE' } });
    expect((await client.send(documents.viewer)).data?.viewer.user.email).toBe(admin.email);

    const postgres = await postmasterPid(join(dataDir, 'postgres'));
    first.child.kill('SIGINT');
    expect(await first.exitCode(), first.stderr).toBe(0);
    expect(postgres !== null && isGone(postgres)).toBe(true);
    expect(existsSync(join(dataDir, 'postgres', 'cluster', 'postmaster.pid'))).toBe(false);
    await expect(fetch(`${origin}/health/live`)).rejects.toThrow();

    const second = new StartedProduct(environment);
    await second.says('Ctrl-C stops everything.');
    const again = welcomeOf(second);
    expect([...again.keys()]).toEqual(['Page', 'GraphiQL', 'Mailbox']);
    const returned = new TestClient({ url: new URL(again.get('Page') ?? '').origin });
    const signedIn = await returned.send(documents.login, { input: { ...admin, delivery: 'TOKENS' } });
    expect(signedIn.data?.login.__typename, signedIn.text).toBe('LoginSuccess');
    second.child.kill('SIGTERM');
    expect(await second.exitCode(), second.stderr).toBe(0);
  });
});
