import { readdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { run, stoppedDatabase, temporaryFolder } from './embedded-folder.ts';
import { eventually, isGone, postmasterPid, query } from './embedded-process.ts';

async function listenOn(port: number): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('the embedded PostgreSQL', () => {
  it('keeps data and address over a restart', async () => {
    const dataDir = join(await temporaryFolder(), 'postgres');
    const first = run(dataDir);
    const before = await first.started();
    expect(before).toMatchObject({ fresh: true, version: expect.stringMatching(/^18\./) });
    await query(before.url, 'create table kept as select 42 as answer');
    await first.stop();

    const after = await run(dataDir).started();
    expect(after).toMatchObject({ fresh: false, url: before.url });
    expect(await query(after.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
  });

  it('stores UTF-8, knows letters beyond ASCII and keeps time in UTC', async () => {
    const { url } = await run(join(await temporaryFolder(), 'postgres')).started();
    expect(
      await query(
        url,
        `select lower('ÄÖÜ') as lower, current_setting('server_encoding') as encoding, current_setting('timezone') as zone`,
      ),
    ).toEqual([{ lower: 'äöü', encoding: 'UTF8', zone: 'UTC' }]);
  });

  it('lets nobody in without the password, and listens on loopback alone', async () => {
    const dataDir = join(await temporaryFolder(), 'postgres');
    const { url } = await run(dataDir).started();
    const guess = new URL(url);
    guess.password = 'password';
    await expect(query(guess.href, 'select 1')).rejects.toThrow(/password authentication failed/);
    expect(
      await query(
        url,
        `select name, setting from pg_settings where name in ('listen_addresses', 'unix_socket_directories') order by name`,
      ),
    ).toEqual([
      { name: 'listen_addresses', setting: '127.0.0.1' },
      { name: 'unix_socket_directories', setting: '' },
    ]);
  });

  it('takes another port when the one of the last start is taken', async () => {
    const dataDir = join(await temporaryFolder(), 'postgres');
    const first = run(dataDir);
    const before = new URL((await first.started()).url);
    await first.stop();
    await listenOn(Number(before.port));
    const after = new URL((await run(dataDir).started()).url);
    expect(after.port).not.toBe(before.port);
  });

  it('refuses in one line when the port asked for is taken', async () => {
    const port = await listenOn(0);
    const { refused } = await run(await stoppedDatabase(), { port }).refused();
    expect(refused).toBe(`port ${port}, asked for by the embedded PostgreSQL, is taken.`);
  });

  it('refuses a second start on the same folder, and leaves the first alone', async () => {
    const dataDir = join(await temporaryFolder(), 'postgres');
    const first = run(dataDir);
    const { url } = await first.started();
    const second = await run(dataDir).refused();
    expect(second.refused).toBe(`Sallyport is already running on this data folder (process ${first.child.pid}).`);
    expect(second.remedy).toContain('DATA_DIR');
    expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('lets one of several first starts at once win', async () => {
    const dataDir = join(await temporaryFolder(), 'postgres');
    const outcomes = await Promise.all([run(dataDir), run(dataDir), run(dataDir)].map((each) => each.says('url')));
    expect(outcomes.filter((outcome) => 'url' in outcome)).toHaveLength(1);
    expect(await readdir(dataDir)).toEqual(['claim', 'cluster', 'password', 'port']);
  });

  it('is not reached by the Ctrl-C of the terminal', async () => {
    const started = run(join(await temporaryFolder(), 'postgres'));
    const { url } = await started.started();
    process.kill(-(started.child.pid ?? 0), 'SIGINT');
    await started.says('interrupted');
    expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('reports its unexpected end', async () => {
    const dataDir = join(await temporaryFolder(), 'postgres');
    const started = run(dataDir);
    await started.started();
    const pid = await postmasterPid(dataDir);
    process.kill(pid ?? 0, 'SIGKILL');
    expect(await started.says('exited')).toMatchObject({ exited: expect.any(String) });
  });

  it('goes down with a process that is killed', async () => {
    const dataDir = join(await temporaryFolder(), 'postgres');
    const started = run(dataDir);
    await started.started();
    const pid = await postmasterPid(dataDir);
    await started.kill();
    await eventually(async () => pid !== null && isGone(pid));
  });
});
