import { prepare } from './lib/prepare.mjs';
import { runScript } from './lib/run.mjs';

/** Installs and generates what is missing or out of date, and starts nothing. */
await runScript(async () => {
  await prepare();
  return 0;
});
