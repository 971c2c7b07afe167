const firstMs = 500;
const longestMs = 20_000;

/** Milliseconds before a retry: doubling up to 20 s, half of it random, so that many pages do not come back at once. */
export function reconnectDelayMs(retries: number, random: () => number): number {
  const ceiling = Math.min(longestMs, firstMs * 2 ** retries);
  return ceiling / 2 + (random() * ceiling) / 2;
}

/** Waits before a retry. Ends at once when the browser comes back online. */
export function reconnectDelay(retries: number): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      window.removeEventListener('online', finish);
      resolve();
    };
    const timer = setTimeout(finish, reconnectDelayMs(retries, Math.random));
    window.addEventListener('online', finish);
  });
}
