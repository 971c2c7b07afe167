import { describeCache } from './cache.contract.ts';
import { createCache } from './create-cache.ts';

describeCache('in memory', async (bounds) => {
  const cache = createCache({ redis: undefined, ...bounds });
  return { cache, close: () => cache.close() };
});
