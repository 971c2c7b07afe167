import { prepare } from './lib/prepare.mjs';
import { inProject } from './lib/project.mjs';
import { runInForeground, runScript } from './lib/run.mjs';
import { serverFlags } from './lib/server-flags.mjs';

/** `npm start`: runs on the system's Node, brings everything up to date, then hands over to the project's own Node. */
await runScript(async () => {
  await prepare();
  return runInForeground([...serverFlags, inProject('src', 'app', 'main.ts'), ...process.argv.slice(2)]);
});
