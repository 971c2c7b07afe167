import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '#kernel/clock.ts';
import type { Mail, MailTransport } from './mail.ts';

export interface StoredMail extends Mail {
  readonly id: string;
  /** RFC 3339. */
  readonly sentAt: string;
  /** The addresses in the text, for clicking. */
  readonly links: readonly string[];
}

/** Where mail goes in development: into a folder, for the page at /dev/mailbox. Nothing leaves the machine. */
export interface DevelopmentMailbox extends MailTransport {
  /** Newest first. */
  list(): Promise<StoredMail[]>;
}

const kept = 200;

export function developmentMailbox(folder: string, clock: Clock): DevelopmentMailbox {
  async function names(): Promise<string[]> {
    const files = await readdir(folder).catch(() => []);
    return files.filter((file) => file.endsWith('.json')).sort();
  }

  return {
    send: async (mail) => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const sentAt = clock.now().toISOString();
      const id = randomUUID();
      const links = mail.text.match(/https?:\/\/\S+/g) ?? [];
      const stored: StoredMail = { ...mail, id, sentAt, links };
      const path = join(folder, `${sentAt.replaceAll(':', '-')}_${id}.json`);
      // Renamed into place, so that a reader never meets half a mail.
      await writeFile(`${path}.part`, JSON.stringify(stored), { mode: 0o600 });
      await rename(`${path}.part`, path);
      for (const old of (await names()).slice(0, -kept)) await rm(join(folder, old), { force: true });
    },
    list: async () => {
      const newestFirst = (await names()).reverse();
      // The oldest may be dropped while they are read.
      const found = await Promise.all(newestFirst.map((name) => readFile(join(folder, name), 'utf8').catch(() => null)));
      return found.flatMap((text) => (text === null ? [] : [JSON.parse(text) as StoredMail]));
    },
  };
}
