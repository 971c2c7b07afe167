import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';

export interface DocumentFile {
  /** Absolute path. */
  readonly path: string;
  readonly text: string;
  /** The npm script that writes it. */
  readonly script: string;
}

/**
 * Writes a document that is printed from code, or with `--check` among the arguments only compares it.
 * @returns the exit code: 1 when the file on disk is not what the code says.
 */
export async function writeOrCheckDocument({ path, text, script }: DocumentFile, args: readonly string[]): Promise<0 | 1> {
  const name = relative(process.cwd(), path);
  if (!args.includes('--check')) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
    console.log(`${name} is written.`);
    return 0;
  }
  const found = await readFile(path, 'utf8').catch(() => undefined);
  if (found === text) return 0;
  const line = differingLine(found ?? '', text);
  console.error(`${name} is ${found === undefined ? 'missing' : `out of date from line ${line}`}: run \`npm run ${script}\`.`);
  return 1;
}

function differingLine(found: string, expected: string): number {
  const foundLines = found.split('\n');
  const expectedLines = expected.split('\n');
  const index = expectedLines.findIndex((line, at) => line !== foundLines[at]);
  return (index === -1 ? expectedLines.length : index) + 1;
}
