import { spawnSync } from 'node:child_process';
import { chown, readFile } from 'node:fs/promises';
import { cannotRun } from './failures.ts';

/** A user other than root that PostgreSQL, which refuses to be root, runs as. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

const candidates = ['postgres', '_postgres', 'nobody', 'daemon'];

/** Null where this process is not root: PostgreSQL then runs as the same user. */
export async function accountForPostgres(): Promise<Account | null> {
  if (process.getuid?.() !== 0) return null;
  const found = chooseAccount(await readFile('/etc/passwd', 'utf8').catch(() => ''));
  if (found === null) throw cannotRun(`root may not run it, and /etc/passwd has none of ${candidates.join(', ')}`);
  return found;
}

/** The first candidate that `passwd` knows. initdb needs a named user: a bare unused number would not do. */
export function chooseAccount(passwd: string): Account | null {
  const users = passwd.split('\n').map((line) => {
    const [name = '', , uid, gid] = line.split(':');
    return { name, uid: Number(uid), gid: Number(gid) };
  });
  for (const candidate of candidates) {
    const user = users.find(({ name, uid, gid }) => name === candidate && uid > 0 && gid > 0);
    if (user !== undefined) return user;
  }
  return null;
}

/** Whether `account` can reach `folder` through all its parents. Asked of the system itself, which also knows ACLs. */
export function canEnter(account: Account, folder: string): boolean {
  const asked = spawnSync('/bin/sh', ['-c', 'cd "$0"', folder], {
    uid: account.uid,
    gid: account.gid,
    cwd: '/',
    stdio: 'ignore',
  });
  return asked.status === 0;
}

/** What `spawn` needs so that the child runs as `account`. */
export function identityOptions(account: Account | null): { uid?: number; gid?: number } {
  return account === null ? {} : { uid: account.uid, gid: account.gid };
}

export async function giveTo(account: Account | null, path: string): Promise<void> {
  if (account !== null) await chown(path, account.uid, account.gid);
}
