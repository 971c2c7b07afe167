import { text } from 'node:stream/consumers';
import { migrateUp } from '#platform/db/migrate/index.ts';

/** A program: applies all migrations to the database whose URL comes on standard input, where no process list shows it. */
await migrateUp({ url: (await text(process.stdin)).trim() });
// The migrate engine leaves a timer of ten seconds behind, which would keep every run of tests waiting.
process.exit(0);
