/** Looks again and again until `holds` says true, for at most twenty seconds. For set-up, where no test runs yet. */
export async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt += 1) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`it never came true: ${what}`);
}
