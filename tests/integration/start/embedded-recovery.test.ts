import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { accountForPostgres } from '#platform/db/embedded/account.ts';
import { locateBinaries } from '#platform/db/embedded/binaries.ts';
import { systemFolder } from '#platform/db/embedded/home.ts';
import { freePort } from '#platform/db/embedded/port.ts';
import { launchServer } from '#platform/db/embedded/server.ts';
import { run, stoppedDatabase, temporaryFolder } from './embedded-folder.ts';
import { eventually, query } from './embedded-process.ts';

/** A PostgreSQL on the folder that no process of ours holds: what a kill of everything around it leaves. */
async function leaveOrphan(dataDir: string) {
  const account = await accountForPostgres();
  const binaries = await locateBinaries(account, systemFolder);
  const port = await freePort();
  return launchServer({ binaries, account, port, cluster: join(dataDir, 'cluster'), settings: {}, log: () => undefined });
}

describe('a start after a crash', () => {
  it('recovers what was committed before everything was killed', async () => {
    const dataDir = join(await temporaryFolder(), 'postgres');
    const first = run(dataDir);
    const { url } = await first.started();
    await query(url, 'create table kept as select 42 as answer');
    await first.kill();
    const after = await run(dataDir).started();
    expect(await query(after.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
  });

  it('stops a PostgreSQL that was left behind, and takes over', async () => {
    const dataDir = await stoppedDatabase();
    const orphan = await leaveOrphan(dataDir);
    const { url } = await run(dataDir).started();
    expect(await orphan.ended).toBe('it ended with code 0');
    expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('is not stopped by a postmaster.pid whose number belongs to another program now', async () => {
    const dataDir = await stoppedDatabase();
    await writeFile(join(dataDir, 'cluster', 'postmaster.pid'), `${process.pid}\n${join(dataDir, 'cluster')}\n`);
    expect(await run(dataDir).started()).toMatchObject({ fresh: false });
  });

  it('takes over a claim whose process number belongs to another program now', async () => {
    const dataDir = await stoppedDatabase();
    await writeFile(join(dataDir, 'claim'), JSON.stringify({ pid: process.pid, identity: 'started long ago' }));
    expect(await run(dataDir).started()).toMatchObject({ fresh: false });
    expect(JSON.parse(await readFile(join(dataDir, 'claim'), 'utf8'))).not.toMatchObject({ pid: process.pid });
  });

  it('takes over a claim that is not readable as one', async () => {
    const dataDir = await stoppedDatabase();
    await writeFile(join(dataDir, 'claim'), '');
    expect(await run(dataDir).started()).toMatchObject({ fresh: false });
  });

  it('begins anew where the first start was killed while it made the database', async () => {
    const dataDir = join(await temporaryFolder(), 'postgres');
    const killed = run(dataDir);
    await eventually(async () => (await readdir(dataDir).catch(() => [])).some((name) => name.startsWith('initialising-')));
    await killed.kill();
    expect(await readdir(dataDir)).not.toContain('cluster');
    expect(await run(dataDir).started()).toMatchObject({ fresh: true });
    expect((await readdir(dataDir)).filter((name) => name.startsWith('initialising-'))).toEqual([]);
  });

  it('begins anew in a data folder that was made and never filled', async () => {
    const dataDir = join(await temporaryFolder(), 'postgres');
    await mkdir(join(dataDir, 'cluster'), { recursive: true });
    await mkdir(join(dataDir, 'initialising-abandoned', 'base'), { recursive: true });
    expect(await run(dataDir).started()).toMatchObject({ fresh: true });
    expect(await readdir(dataDir)).not.toContain('initialising-abandoned');
  });
});
