import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { systemClock } from '#kernel/clock.ts';
import { loadConfig } from '#platform/config/load.ts';
import { StartupError } from '#platform/config/startup-error.ts';
import { migrateUp, rollback, rollbackLosses, status } from '#platform/db/migrate/index.ts';
import { besideProjectDatabase, withProjectDatabase, withThrowawayServer } from './database-server.ts';

const usage = `Usage: node src/transport/cli/db.ts <command>
  migrate                          apply all pending migrations
  rollback [--steps <n>] [--yes]   undo the newest migration, or the newest n; data that only they had a place for is lost:
                                   it is listed and asked about. --yes is the answer where nobody can be asked
  status                           list the migrations and when they were applied
  check                            prove that migrations and descriptions agree, and that every migration can be undone
  new --name <name> [--custom prisma|drizzle]
                                   write migrations for what has changed in prisma/schema and drizzle/schema,
                                   or an empty one of one ORM to be written by hand
The database is that of DATABASE_URL, or the embedded one in DATA_DIR. check and new change nothing in it.
`;

const options = {
  steps: { type: 'string' },
  name: { type: 'string' },
  custom: { type: 'string' },
  yes: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

interface Arguments {
  readonly steps?: string;
  readonly name?: string;
  readonly custom?: string;
  readonly yes?: boolean;
}

type Command = (given: Arguments) => Promise<number>;

const commands: Readonly<Record<string, Command>> = {
  migrate: () =>
    withProjectDatabase(async (url) => {
      const { applied } = await migrateUp({ url, log: print });
      print(applied.length === 0 ? 'nothing to apply: the database is up to date' : `${count(applied.length)} applied`);
      return 0;
    }),

  rollback: (given) => {
    const steps = readSteps(given.steps);
    return withProjectDatabase(async (url) => {
      await confirmLosses(await rollbackLosses({ url, steps }), given.yes === true);
      const { undone } = await rollback({ url, steps, log: print });
      print(undone.length === 0 ? 'nothing to undo: no migration is applied' : `${count(undone.length)} undone`);
      return 0;
    });
  },

  status: () =>
    besideProjectDatabase(async (url) => {
      const migrations = await status({ url });
      for (const { orm, name, appliedAt } of migrations) {
        print(`${appliedAt === null ? 'pending                 ' : appliedAt.toISOString()}  ${orm.padEnd(7)}  ${name}`);
      }
      print(`${count(migrations.filter(({ appliedAt }) => appliedAt === null).length)} pending`);
      return 0;
    }),

  // What only development needs is loaded for it alone.
  check: () =>
    withThrowawayServer(async (serverUrl) => {
      const { checkDrift } = await import('#platform/db/migrate/drift.ts');
      const differences = await checkDrift({ serverUrl, log: print });
      for (const difference of differences) print(difference);
      print(differences.length === 0 ? 'migrations and descriptions agree' : `${differences.length} differences`);
      return differences.length === 0 ? 0 : 1;
    }),

  new: (given) => {
    const { name, custom } = given;
    if (name === undefined) throw new UsageError('new needs --name.');
    if (custom !== undefined && custom !== 'prisma' && custom !== 'drizzle')
      throw new UsageError('--custom is prisma or drizzle.');
    return withThrowawayServer(async (url) => {
      const { createMigrations } = await import('#platform/db/migrate/new.ts');
      const paths = await createMigrations({ name, url, clock: systemClock, ...(custom === undefined ? {} : { custom }) });
      for (const path of paths) print(`wrote ${path}`);
      print(paths.length === 0 ? 'nothing to write: no description has changed' : 'Read each of them before you commit it.');
      return 0;
    });
  },
};

/** Names what is about to be lost and asks whether it may be. Throws a StartupError for anything but a yes. */
async function confirmLosses(losses: Awaited<ReturnType<typeof rollbackLosses>>, yes: boolean): Promise<void> {
  for (const { migration, what, rows } of losses)
    print(`undoing ${migration} loses ${what}: ${rows} ${rows === 1 ? 'row' : 'rows'}`);
  const production = loadConfig().profile === 'production';
  if (yes || (losses.length === 0 && !production)) return;
  if (!production && process.stdin.isTTY && process.stdout.isTTY) {
    const terminal = createInterface({ input: process.stdin, output: process.stdout });
    const answer = await terminal.question('Type yes to lose it: ').finally(() => terminal.close());
    if (answer.trim() === 'yes') return;
  }
  throw new StartupError('nothing was undone.', 'What stands above would be lost for good: make a backup, then add --yes.');
}

class UsageError extends StartupError {
  constructor(message: string) {
    super(message, '--help lists the commands.');
  }
}

function readSteps(text = '1'): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new UsageError('--steps is a whole number from 1.');
  return Number(text);
}

function count(migrations: number): string {
  return `${migrations} ${migrations === 1 ? 'migration' : 'migrations'}`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Runs one command and gives the exit code: 0, or 1 after a failure that is told in one line. */
async function main(args: readonly string[]): Promise<number> {
  try {
    const { values, positionals } = readArguments(args);
    if (values.help === true) {
      process.stdout.write(usage);
      return 0;
    }
    const [name = '', ...rest] = positionals;
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (command === undefined || rest.length > 0) throw new UsageError(`${JSON.stringify(positionals.join(' '))} is no command.`);
    return await command(values);
  } catch (error) {
    if (!(error instanceof StartupError)) throw error;
    process.stderr.write(`sallyport: ${error.text}\n`);
    return 1;
  }
}

function readArguments(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

// The migrate engine leaves a timer of ten seconds behind: whoever sits at the terminal need not wait for it.
process.exit(await main(process.argv.slice(2)));
