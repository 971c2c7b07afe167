import { checkNode, ensureDependencies } from './dependencies.mjs';
import { generate } from './generate.mjs';

/** Makes a clone fit to run: its dependencies and everything that is generated. Costs milliseconds when nothing changed. */
export async function prepare() {
  checkNode();
  await ensureDependencies();
  await generate();
}
