import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { attachEmbeddedPostgres } from '#platform/db/embedded/index.ts';
import { TestClient } from '#tests/support/client.ts';
import { documents, goodPassword } from '#tests/support/stories.ts';
import { run, stoppedDatabase, temporaryFolder } from './embedded-folder.ts';
import { query } from './embedded-process.ts';
import { heard, runProgram, startPatience, startProduct } from './product-process.ts';

describe('an embedded PostgreSQL that runs', () => {
  it('is found by others, also while it starts, and no more once it has ended, however', async () => {
    const dataDir = await stoppedDatabase();
    expect(await attachEmbeddedPostgres(dataDir)).toBeNull();
    const running = run(dataDir);
    const { url, folder } = await running.started();
    const found = await attachEmbeddedPostgres(dataDir);
    expect(found?.folder).toBe(folder);
    expect(found?.url.reveal()).toBe(url);
    expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await running.kill();
    expect(await attachEmbeddedPostgres(dataDir)).toBeNull();
  });
});

describe('beside a running server with its embedded database', () => {
  it(
    'admin:link prints a link that works there, and db:status its migrations; neither stops it',
    async () => {
      const environment = { DATA_DIR: join(await temporaryFolder(), 'data') };
      const { port, server } = await startProduct(environment);
      await heard(server, 'Ctrl-C stops');
      const printed = /#token=(\S+)/.exec(server.stdout)?.[1];

      const command = runProgram('src/app/commands.ts', ['admin-link'], { ...environment, PORT: String(port) });
      expect(await command.exitCode(), command.stderr).toBe(0);
      const token = new RegExp(`http://localhost:${port}/setup#token=(\\S+)`).exec(command.stdout)?.[1];
      expect(token).toMatch(/^sbt_/);
      expect(token).not.toBe(printed);

      const status = runProgram('src/transport/cli/db.ts', ['status'], environment);
      expect(await status.exitCode(), status.stderr).toBe(0);
      expect(status.stdout).toContain('0 migrations pending');

      const input = { token, email: 'grace@example.com', password: goodPassword, displayName: 'Grace Hopper' };
      const { data, text } = await new TestClient({ url: `http://localhost:${port}` }).send(documents.claimFirstAdmin, { input });
      expect(data?.claimFirstAdmin.__typename, text).toBe('ClaimFirstAdminSuccess');
    },
    startPatience,
  );
});
