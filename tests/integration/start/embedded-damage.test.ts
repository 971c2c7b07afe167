import { chmod, chown, mkdir, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { everythingBelow, isRoot, run, stoppedDatabase, temporaryFolder } from './embedded-folder.ts';

const damages: [what: string, reason: RegExp, damage: (dataDir: string) => Promise<unknown>][] = [
  ['without PG_VERSION', /holds no database/, (dataDir) => rm(join(dataDir, 'cluster', 'PG_VERSION'))],
  [
    'of an older PostgreSQL',
    /made by PostgreSQL 17, this is PostgreSQL 18/,
    (dataDir) => writeFile(join(dataDir, 'cluster', 'PG_VERSION'), '17\n'),
  ],
  [
    'with garbage for a version',
    /of an unknown version/,
    (dataDir) => writeFile(join(dataDir, 'cluster', 'PG_VERSION'), '\u0000\u001b[2J'),
  ],
  [
    'without its control file',
    /is not usable: could not find the database system.* but could not open file .*pg_control/,
    (dataDir) => rm(join(dataDir, 'cluster', 'global', 'pg_control')),
  ],
  ['with an empty control file', /pg_control/, (dataDir) => truncate(join(dataDir, 'cluster', 'global', 'pg_control'))],
  ['without its tables', /base/, (dataDir) => rename(join(dataDir, 'cluster', 'base'), join(dataDir, 'cluster', 'gone'))],
  ['without its log', /pg_wal/, (dataDir) => rename(join(dataDir, 'cluster', 'pg_wal'), join(dataDir, 'cluster', 'gone'))],
  [
    'with a broken configuration',
    /postgresql\.conf/,
    (dataDir) => writeFile(join(dataDir, 'cluster', 'postgresql.conf'), '= = =\n'),
  ],
  ['without its password', /its password can't be read/, (dataDir) => rm(join(dataDir, 'password'))],
  ['with a wrong password', /password authentication failed/, (dataDir) => writeFile(join(dataDir, 'password'), 'wrong\n')],
  ['open to other users', /permissions/, (dataDir) => chmod(join(dataDir, 'cluster'), 0o777)],
];

describe('a damaged data folder', () => {
  it.each(damages)('%s is refused with what to do, and nothing of it is deleted', async (_what, reason, damage) => {
    const dataDir = await stoppedDatabase();
    await damage(dataDir);
    const before = await everythingBelow(dataDir);
    const { refused, remedy } = await run(dataDir).refused();
    expect(refused).toMatch(reason);
    expect(refused).toMatch(/^the data folder of the embedded PostgreSQL is not usable: .*\.$/);
    expect(remedy).toContain(`Your development data is in ${dataDir}: move that folder away`);
    expect(await everythingBelow(dataDir)).toEqual(expect.arrayContaining(before));
  });

  it('full of other things is refused, and they stay', async () => {
    const dataDir = join(await temporaryFolder(), 'postgres');
    await mkdir(join(dataDir, 'cluster'), { recursive: true });
    await writeFile(join(dataDir, 'cluster', 'holiday.jpg'), 'not a database');
    const { refused } = await run(dataDir).refused();
    expect(refused).toContain('holds no database');
    expect(await everythingBelow(dataDir)).toEqual(['cluster', 'cluster/holiday.jpg']);
  });

  it('that is a file is refused', async () => {
    const dataDir = join(await temporaryFolder(), 'postgres');
    await writeFile(dataDir, 'a file');
    expect(await run(dataDir).refused()).toMatchObject({
      refused: expect.stringContaining(`the folder ${dataDir} can't be made`),
    });
  });

  it.runIf(isRoot)('that belongs to root is refused, since PostgreSQL would not touch it', async () => {
    const dataDir = await stoppedDatabase();
    await chown(join(dataDir, 'cluster'), 0, 0);
    expect(await run(dataDir).refused()).toMatchObject({ refused: expect.stringContaining('belongs to root') });
  });
});
