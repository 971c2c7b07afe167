import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { redact } from './redact.ts';

const personal = 'Ada Lovelace';
const hash = '\\x0badc0de';

/** What drizzle-orm throws when a statement fails. */
function drizzleError(cause: Error, params: readonly unknown[] = [personal, hash]): Error {
  const query = 'insert into "users" ("id", "display_name") values ($1, $2)';
  return Object.assign(new Error(`Failed query: ${query}\nparams: ${params}`, { cause }), { query, params });
}

/** What node-postgres throws, with the fields that PostgreSQL fills. */
function postgresError(message: string, fields: Readonly<Record<string, string>>): Error {
  return Object.assign(new Error(message), { severity: 'ERROR', ...fields });
}

const written = (error: Error) => {
  const text = inspect(redact({ error }), { depth: 20, breakLength: Number.POSITIVE_INFINITY });
  for (const value of ['Lovelace', '0badc0de', 'at evil']) expect(text).not.toContain(value);
  return text;
};

describe('an error of the database', () => {
  it('by Drizzle shows the statement and the cause, not the parameters', () => {
    const cause = postgresError('relation "users" does not exist', { code: '42P01', routine: 'parserOpenTable' });
    const text = written(drizzleError(cause));
    expect(text).toContain('insert into "users"');
    expect(text).toContain('relation "users" does not exist');
    expect(text).toContain('42P01');
    expect(text).toMatch(/at .*redact-error\.test\.ts/);
  });

  it('by Drizzle is not deceived by a parameter that looks like a stack or like a statement', () => {
    written(drizzleError(new Error('x'), [`y\n    at evil (${personal})\nparams: ${personal}`]));
    written(drizzleError(new Error('x'), [`$& $1 ${personal}`]));
  });

  it('by Drizzle whose message was changed afterwards loses its stack rather than showing the parameters', () => {
    const error = drizzleError(new Error('x'));
    error.message = `Failed query: select 1\nparams: ${personal}`;
    written(error);
  });

  it('by PostgreSQL shows the constraint, not the row', () => {
    const text = written(
      drizzleError(
        postgresError('duplicate key value violates unique constraint "users_pkey"', {
          code: '23505',
          detail: `Key (display_name)=(${personal}) already exists.`,
          where: `SQL statement "select '${personal}'"`,
          internalQuery: `select '${personal}'`,
          constraint: 'users_pkey',
        }),
      ),
    );
    expect(text).toContain('users_pkey');
  });

  it.each([
    `Key (a, b)=(1, ${personal}\n) already exists.`,
    `Failing row contains (usr_1, ${personal}, 2026-01-01).`,
    `invalid input syntax for type integer: "${personal}"`,
    `invalid input value for enum user_status: "x: ${personal}"`,
    `date/time field value out of range: "${personal}"`,
    `Error occurred during query execution: Raw query failed. Message: \`Key (a)=(${personal}) already exists.\``,
  ])('that says %j keeps the value to itself', (message) => {
    written(new Error(message));
    written(new Error('outer', { cause: new Error(message) }));
    written(Object.assign(new Error('outer'), { meta: { driverAdapterError: { cause: { originalMessage: message } } } }));
  });

  it('by Prisma shows what is wrong, not the arguments of the call', () => {
    const call = `\nInvalid \`prisma.user.create()\` invocation:\n\n{\n  data: {\n    displayName: "${personal}"\n  }\n}\n\n`;
    const error = Object.assign(new Error(`${call}Argument \`id\` is missing.`), {
      name: 'PrismaClientValidationError',
      meta: { driverAdapterError: new Error('x', { cause: { kind: 'postgres', detail: personal } }) },
    });
    expect(written(error)).toContain('Argument `id` is missing.');
  });

  it('has names for values that stay readable elsewhere', () => {
    expect(redact({ detail: 'three', params: [1] })).toEqual({ detail: 'three', params: [1] });
    expect(redact([{ error: new Error('x') }, { detail: 'three' }])).toMatchObject([{}, { detail: 'three' }]);
  });
});

describe('an e-mail address', () => {
  it.each(['ada@example.com', 'Ada.Lovelace+log@mail.example.co.uk', 'ädä@bücher.example', "o'hara@example.com"])(
    'such as %s is in no line',
    (address) => {
      const text = inspect(redact({ note: `550 <${address}>: no such user`, error: new Error(address), [address]: 1 }));
      expect(text).not.toContain(address.split('@')[1]);
      expect(text).toContain('no such user');
    },
  );

  it.each(['at x (/srv/node_modules/@prisma/client/index.js:1:2)', 'vitest@5.1.1', 'npm:@scope/name@1.2.3', '@every minute'])(
    'is not seen in %s',
    (text) => {
      expect(redact(text)).toBe(text);
    },
  );
});
