import { describe, expect, it } from 'vitest';
import { askTogether } from './ask-together.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

function counted(fails = false) {
  const questions: (readonly number[])[] = [];
  const ask = askTogether<number, string>(async (keys) => {
    questions.push(keys);
    if (fails) throw new Error('the database is away');
    return keys.map((key) => `answer ${key}`);
  }, 3);
  return { questions, ask };
}

describe('askTogether', () => {
  it('gives each its own answer, also the same twice', async () => {
    const { questions, ask } = counted();
    expect(await Promise.all([ask(1), ask(2), ask(1)])).toEqual(['answer 1', 'answer 2', 'answer 1']);
    expect(questions).toEqual([[1, 2, 1]]);
  });

  it('asks anew for whoever comes after a question was put: its answer may be older than they are', async () => {
    const { questions, ask } = counted();
    const first = ask(1);
    await turn();
    const second = ask(1);
    await Promise.all([first, second]);
    expect(questions).toEqual([[1], [1]]);
  });

  it('shares a question among no more than it may', async () => {
    const { questions, ask } = counted();
    await Promise.all([1, 2, 3, 4, 5, 6, 7].map(ask));
    expect(questions).toEqual([[1, 2, 3], [4, 5, 6], [7]]);
  });

  it('tells a failure to all who asked, and goes on', async () => {
    const { questions, ask } = counted(true);
    const settled = await Promise.allSettled([ask(1), ask(2)]);
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(ask(3)).rejects.toThrow('away');
    expect(questions).toEqual([[1, 2], [3]]);
  });
});
