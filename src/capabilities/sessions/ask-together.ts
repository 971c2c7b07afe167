/**
 * Answers by one question what is asked within one turn of the event loop, when many requests come at once. Nothing waits for
 * others to come, and the question is put after all that share it: no answer is older than who asked for it.
 * `askMany` gives the answers in the order of the keys; when it fails, it fails for all who asked. At most `most` keys share a
 * question.
 */
export function askTogether<Key, Answer>(
  askMany: (keys: readonly Key[]) => Promise<readonly Answer[]>,
  most: number,
): (key: Key) => Promise<Answer> {
  let waiting: { readonly key: Key; readonly settle: PromiseWithResolvers<Answer> }[] = [];

  function ask(): void {
    const asked = waiting;
    waiting = [];
    askMany(asked.map(({ key }) => key)).then(
      (answers) => {
        for (const [index, { settle }] of asked.entries()) settle.resolve(answers[index] as Answer);
      },
      (error: unknown) => {
        for (const { settle } of asked) settle.reject(error);
      },
    );
  }

  return (key) => {
    // After everything that came in together was read, before anything else is waited for.
    if (waiting.length === 0) setImmediate(() => waiting.length > 0 && ask());
    const settle = Promise.withResolvers<Answer>();
    waiting.push({ key, settle });
    if (waiting.length >= most) ask();
    return settle.promise;
  };
}
