import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const project = fileURLToPath(new URL('../../..', import.meta.url));

/** Runs `code` in a process of its own that logs as JSON and has the handler of last resort. */
function runWithLastResort(code: string) {
  const program = `
    import { installLastResort } from '#platform/observability/last-resort.ts';
    import { createLogger } from '#platform/observability/winston-logger.ts';
    installLastResort(createLogger({ level: 'info', format: 'json' }));
    ${code}`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: project,
    encoding: 'utf8',
  });
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
  return { status, stdout, stderr, lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

const failure = `new Error('broken', { cause: { password: 'hunter2' } })`;

describe('what nobody caught', () => {
  it('as a rejected promise is logged, and the process goes on', () => {
    const { status, stdout, lines } = runWithLastResort(`
      Promise.reject(${failure});
      setImmediate(() => process.stdout.write('still here\\n'));`);
    expect(lines).toMatchObject([{ level: 'error', message: 'unhandled rejection' }]);
    expect(JSON.stringify(lines)).toContain('broken');
    expect(stdout).toContain('still here');
    expect(status).toBe(0);
  });

  it('as an exception is logged, redacted, and ends the process with exit code 1', () => {
    const { status, stdout, stderr, lines } = runWithLastResort(`
      setInterval(() => {}, 1000);
      setImmediate(() => { throw ${failure}; });`);
    expect(lines).toMatchObject([{ level: 'error', message: 'uncaught exception' }]);
    expect(JSON.stringify(lines)).toContain('broken');
    expect(stdout + stderr).not.toContain('hunter2');
    expect(status).toBe(1);
  });
});
