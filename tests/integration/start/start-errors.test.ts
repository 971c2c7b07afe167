import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '#platform/db/embedded/port.ts';
import { createTestDatabase } from '#tests/support/test-database.ts';
import { run, stoppedDatabase, temporaryFolder } from './embedded-folder.ts';
import { StartedProduct } from './started-product.ts';

const masterKey = randomBytes(32).toString('base64url');
const password = 'hunter2-of-the-database';

/** A server on a port of its own that does `answer` with each connection. */
async function listening(answer: (socket: Socket) => void = () => {}): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    answer(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Starts the product to see it give up, and gives what it said about that. */
async function refusal(environment: Readonly<Record<string, string>>): Promise<string> {
  const dataDir = environment['DATA_DIR'] ?? join(await temporaryFolder(), 'data');
  const started = new StartedProduct({
    DATABASE_START_RETRY_SECONDS: '0',
    MASTER_KEY: masterKey,
    ...environment,
    DATA_DIR: dataDir,
  });
  const exitCode = await started.exitCode();
  const { stdout, stderr } = started;
  const everything = stdout + stderr;
  expect(exitCode, everything).toBe(1);
  // No stack trace, and nothing that is secret.
  expect(everything).not.toMatch(/^\s+at |\.(ts|js|mjs):\d+/m);
  for (const secret of [masterKey, password]) expect(everything).not.toContain(secret);
  expect(stdout).not.toContain('Sallyport is ready');
  return stderr;
}

describe('npm start says in one line what to do, and ends with exit code 1, when', () => {
  it('the port is taken', async () => {
    const database = await createTestDatabase();
    onTestFinished(() => database.drop());
    const port = await listening();
    expect(await refusal({ DATABASE_URL: database.url, PORT: String(port) })).toBe(
      `sallyport: cannot listen on 127.0.0.1:${port} (EADDRINUSE). Stop what uses port ${port}, or choose another: PORT=${port + 1} npm start\n`,
    );
  });

  it('nothing listens where DATABASE_URL points', async () => {
    const port = await freePort();
    expect(await refusal({ DATABASE_URL: `postgres://sallyport:${password}@127.0.0.1:${port}/accounts` })).toBe(
      `sallyport: cannot use PostgreSQL at 127.0.0.1:${port}/accounts: connect ECONNREFUSED 127.0.0.1:${port}. ` +
        'Check DATABASE_URL and that the server runs, or unset it to use the embedded PostgreSQL.\n',
    );
  });

  it.each<[string, (socket: Socket) => void]>([
    ['something else than PostgreSQL listens there', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['whatever listens there answers nothing', () => undefined],
  ])('%s', async (_what, answer) => {
    const port = await listening(answer);
    const url = `postgres://sallyport:${password}@127.0.0.1:${port}/accounts`;
    expect(await refusal({ DATABASE_URL: url, DATABASE_CONNECT_TIMEOUT_MS: '200' })).toMatch(
      new RegExp(
        `^sallyport: cannot use PostgreSQL at 127\\.0\\.0\\.1:${port}/accounts: [^\\n]+\\. Check DATABASE_URL [^\\n]+\\n$`,
      ),
    );
  });

  it('the password in DATABASE_URL is wrong, or names a database that is not there', async () => {
    const { url } = await run(await stoppedDatabase()).started();
    const wrongPassword = new URL(url);
    wrongPassword.password = password;
    expect(await refusal({ DATABASE_URL: wrongPassword.href })).toBe(
      `sallyport: cannot use PostgreSQL at ${wrongPassword.host}/sallyport: password authentication failed for user "sallyport". ` +
        'Check DATABASE_URL and that the server runs, or unset it to use the embedded PostgreSQL.\n',
    );
    const noDatabase = new URL(url);
    noDatabase.pathname = '/elsewhere';
    expect(await refusal({ DATABASE_URL: noDatabase.href })).toBe(
      `sallyport: cannot use PostgreSQL at ${noDatabase.host}/elsewhere: database "elsewhere" does not exist. ` +
        'Check DATABASE_URL and that the server runs, or unset it to use the embedded PostgreSQL.\n',
    );
  });

  it('DATA_DIR is no folder', async () => {
    const file = join(await temporaryFolder(), 'a-file');
    await writeFile(file, 'not a folder');
    expect(await refusal({ DATA_DIR: file, MASTER_KEY: '' })).toMatch(/^sallyport: [^\n]*a-file[^\n]*\n$/);
  });
});

describe('npm start lists everything that is wrong with the environment at once, when', () => {
  it('registered operations are not what they should be', async () => {
    const database = await createTestDatabase();
    onTestFinished(() => database.drop());
    const file = join(await temporaryFolder(), 'persisted-documents.json');
    await writeFile(file, JSON.stringify({ ['a'.repeat(64)]: '{ __typename }', x: '{ __typename }' }));
    const said = await refusal({ DATABASE_URL: database.url, REGISTERED_OPERATIONS_FILE: file });
    expect(said.split('\n')).toEqual([
      'sallyport: the registered operations are not usable.',
      expect.stringMatching(/^ {2}.*: "a{64}": is not the SHA-256 of its document, which is [0-9a-f]{64}$/),
      expect.stringMatching(/^ {2}.*: "x": is no SHA-256 as 64 lower-case hexadecimal digits$/),
      'docs/guides/registered-operations.md says how such a file is made.',
      '',
    ]);
  });

  it('production lacks its secrets', async () => {
    const said = await refusal({ NODE_ENV: 'production', MASTER_KEY: '' });
    const [first, ...lines] = said.trimEnd().split('\n');
    expect(first).toBe('sallyport: the configuration is not usable.');
    expect(
      lines.slice(0, -1).map((line) => /^ {2}([A-Z_]+): got nothing; expects .+ Required in production$/.exec(line)?.[1]),
    ).toEqual(['PUBLIC_URL', 'DATABASE_URL', 'MASTER_KEY', 'SMTP_URL']);
    expect(lines.at(-1)?.trim()).toBe('docs/configuration.md describes every variable.');
  });

  it('values are not what their variables expect; what may be secret is not shown', async () => {
    const said = await refusal({
      PORT: 'eighty',
      REQUEST_TIMEOUT_MS: '5',
      TRUST_PROXY: 'everybody',
      LOG_LEVEL: 'chatty',
      DATABASE_URL: `mysql://root:${password}@127.0.0.1/accounts`,
      MASTER_KEY: password,
      SESSION_IDLE_TIMEOUT_SECONDS: '7200',
      SESSION_ABSOLUTE_TIMEOUT_SECONDS: '3600',
    });
    const lines = said.split('\n').filter((line) => line.startsWith('  '));
    expect(lines).toEqual([
      '  PORT: got "eighty"; expects a whole number from 0 to 65535',
      expect.stringMatching(/^ {2}TRUST_PROXY: got "everybody"; expects addresses, /),
      '  REQUEST_TIMEOUT_MS: got "5"; expects a whole number of milliseconds from 1000 to 600000',
      expect.stringMatching(/^ {2}DATABASE_URL: got a value that is not shown; expects a URL that starts with postgres:/),
      expect.stringMatching(/^ {2}MASTER_KEY: got a value that is not shown; expects 32 random bytes/),
      '  LOG_LEVEL: got "chatty"; expects one of error, warn, info, debug, silent',
      '  SESSION_IDLE_TIMEOUT_SECONDS: got "7200"; expects no more than SESSION_ABSOLUTE_TIMEOUT_SECONDS',
    ]);
  });
});
