import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface BuiltPages {
  readonly folder: string;
  remove(): Promise<void>;
}

/** Builds the pages as `npm run build:web` does, but into a folder of their own: the browser sees this very source. */
export async function buildPages(): Promise<BuiltPages> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-pages-'));
  await promisify(execFile)(
    process.execPath,
    ['node_modules/vite/bin/vite.js', 'build', 'web', '--outDir', folder, '--logLevel', 'warn'],
    {
      cwd: root,
      // The test runner's own NODE_ENV would make it a build of React for development.
      env: { ...process.env, NODE_ENV: 'production' },
    },
  );
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
