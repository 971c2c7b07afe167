import { readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';

const loopback = '127.0.0.1';

/** The port of the last start if nobody took it, so that a database client's bookmark goes on working; else a free one. */
export async function choosePort(file: string): Promise<number> {
  const remembered = Number(await readFile(file, 'utf8').catch(() => ''));
  const usable = Number.isInteger(remembered) && remembered >= 1024 && remembered <= 65_535;
  return (usable ? await tryPort(remembered) : null) ?? (await freePort());
}

export async function rememberPort(file: string, port: number): Promise<void> {
  // Made anew, for the file of a start by root can't be written by the owner of the folder.
  await rm(file, { force: true });
  await writeFile(file, `${port}\n`);
}

/** A port that the system says is free now. Somebody may still be faster: the caller tries again then. */
export async function freePort(): Promise<number> {
  const port = await tryPort(0);
  if (port === null) throw new Error('the system gives no free port');
  return port;
}

function tryPort(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(null));
    probe.listen(port, loopback, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : null));
    });
  });
}
