import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { pgTable, text } from 'drizzle-orm/pg-core';
import type pg from 'pg';
import { describe, expect, it } from 'vitest';
import { instant } from '#drizzle/schema/columns.ts';
import { hotSelect } from './hot-select.ts';

const things = pgTable('things', { id: text('id').notNull(), tags: text('tags').array(), at: instant('at') });

function answering(row: readonly unknown[] | undefined) {
  const asked: pg.QueryConfig[] = [];
  const pool = {
    query: async (config: pg.QueryConfig) => {
      asked.push(config);
      return { rows: row === undefined ? [] : [row] };
    },
  } as unknown as pg.Pool;
  const fields = { thing: { id: things.id, tags: things.tags, at: things.at } };
  const query = drizzle
    .mock()
    .select(fields)
    .from(things)
    .where(sql`${things.id} = ${sql.placeholder('id')}`);
  return { asked, find: hotSelect<{ readonly thing: object }>(pool, 'thing_by_id', { fields, query }) };
}

describe('a hot select', () => {
  it('sends the statement that Drizzle wrote, under its name, with the values in their places', async () => {
    const { asked, find } = answering(undefined);
    expect(await find({ id: 'one' })).toEqual([]);
    expect(asked).toMatchObject([{ name: 'thing_by_id', values: ['one'], rowMode: 'array' }]);
    expect(asked[0]?.text).toBe('select "id", "tags", "at" from "things" where "things"."id" = $1');
  });

  it.each([
    ['2026-11-28 14:03:42.372+00', '2026-11-28T14:03:42.372Z'],
    ['2026-11-28 14:03:42.3+00', '2026-11-28T14:03:42.300Z'],
    ['2026-11-28 14:03:42+00', '2026-11-28T14:03:42.000Z'],
    ['2026-11-28 16:33:42.001+02:30', '2026-11-28T14:03:42.001Z'],
    ['2026-11-28 14:03:42-00', '2026-11-28T14:03:42.000Z'],
  ])('reads the instant %s', async (written, at) => {
    const { find } = answering(['one', ['a', 'b'], written]);
    expect(await find({ id: 'one' })).toEqual([{ thing: { id: 'one', tags: ['a', 'b'], at: new Date(at) } }]);
  });

  it('leaves null what is null', async () => {
    const { find } = answering(['one', null, null]);
    expect(await find({ id: 'one' })).toEqual([{ thing: { id: 'one', tags: null, at: null } }]);
  });

  it('throws for a placeholder without a value, and asks nothing', async () => {
    const { asked, find } = answering(undefined);
    await expect(find({})).rejects.toThrow('id');
    expect(asked).toEqual([]);
  });
});
