import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The id of a document, without its prefix. */
export function idOf(document: string): string {
  return createHash('sha256').update(document).digest('hex');
}

export interface RegisteredFile {
  readonly path: string;
  remove(): Promise<void>;
}

/** A file for REGISTERED_OPERATIONS_FILE; given a list, one that is right. */
export async function registeredFile(content: readonly string[] | object | string): Promise<RegisteredFile> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-registered-'));
  const path = join(folder, 'persisted-documents.json');
  const json = Array.isArray(content) ? Object.fromEntries(content.map((document) => [idOf(document), document])) : content;
  await writeFile(path, typeof json === 'string' ? json : JSON.stringify(json));
  return { path, remove: () => rm(folder, { recursive: true, force: true }) };
}
