export { altchaProvider } from './altcha.ts';
export type { ChallengeProvider, UsedOnce } from './challenge-provider.ts';
export { siteverifyProvider } from './siteverify.ts';
export { memoryUsedOnce } from './used-once.memory.ts';
export { redisUsedOnce } from './used-once.redis.ts';
