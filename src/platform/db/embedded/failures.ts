import { StartupError } from '#platform/config/startup-error.ts';

const useAnother = 'or set DATABASE_URL to a PostgreSQL of your own';

/** The data is there but not usable. Nothing of it was changed or deleted; the remedy keeps it. */
export function damagedData(folder: string, reason: string, cause?: unknown): StartupError {
  return new StartupError(
    `the data folder of the embedded PostgreSQL is not usable: ${reason}.`,
    `Your development data is in ${folder}: move that folder away to begin with an empty database, ${useAnother}.`,
    { cause },
  );
}

/** The machine can't run the embedded PostgreSQL, whatever its data. */
export function cannotRun(reason: string, cause?: unknown): StartupError {
  return new StartupError(`the embedded PostgreSQL can't run here: ${reason}.`, `Mend that, ${useAnother}.`, { cause });
}

export function alreadyRunning(pid: number): StartupError {
  return new StartupError(
    `Sallyport is already running on this data folder (process ${pid}).`,
    'Stop it first, or set DATA_DIR to another folder.',
  );
}

export function portTaken(port: number): StartupError {
  return new StartupError(
    `port ${port}, asked for by the embedded PostgreSQL, is taken.`,
    'Stop what listens there, or leave the port out: a free one is then chosen.',
  );
}

/** The code of a failed system call, such as ENOENT. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

export function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s*\n\s*/g, '; ').replace(/\.$/, '');
}
