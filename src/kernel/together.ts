/**
 * Waits for parts of one transaction whose statements are sent one behind the other, in the order in which the parts were
 * begun, without waiting for each other's answers. Throws the first part's error, but not before all have ended: what is
 * still under way must not outlive its transaction.
 */
export async function together<Parts extends readonly Promise<unknown>[]>(
  ...parts: Parts
): Promise<{ -readonly [Part in keyof Parts]: Awaited<Parts[Part]> }> {
  for (const part of await Promise.allSettled(parts)) if (part.status === 'rejected') throw part.reason;
  return (await Promise.all(parts)) as { -readonly [Part in keyof Parts]: Awaited<Parts[Part]> };
}
