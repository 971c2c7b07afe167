import { readFileSync } from 'node:fs';
import { StartupError } from '#platform/config/startup-error.ts';

// The flag is answered before anything is loaded: it also proves that the program's files are all there.
if (process.argv.includes('--version')) {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
  console.info(version);
} else {
  try {
    const { run } = await import('./run.ts');
    await run();
  } catch (error) {
    if (error instanceof StartupError) console.error(`sallyport: ${error.text}`);
    else console.error('sallyport: start-up failed unexpectedly.', error);
    process.exit(1);
  }
}
