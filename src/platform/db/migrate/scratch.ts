import { randomBytes } from 'node:crypto';
import { withClient } from './session.ts';

/**
 * Runs `work` with an empty database of its own on the server of `serverUrl`, whose role must be allowed to create databases,
 * and drops it afterwards.
 */
export async function withScratchDatabase<T>(serverUrl: string, work: (url: string) => Promise<T>): Promise<T> {
  const name = `sallyport_scratch_${randomBytes(6).toString('hex')}`;
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  // From template0: objects that somebody has put into template1 would show up as differences.
  await withClient(serverUrl, (client) => client.query(`create database ${name} template template0`));
  try {
    return await work(url.href);
  } finally {
    await withClient(serverUrl, (client) => client.query(`drop database ${name} with (force)`));
  }
}
