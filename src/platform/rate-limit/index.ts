export { type Networks, networksOf } from './network.ts';
export { type MemoryRateLimiter, memoryRateLimiter } from './rate-limiter.memory.ts';
export { redisRateLimiter } from './rate-limiter.redis.ts';
export { resilientRateLimiter } from './rate-limiter.resilient.ts';
export type { Limit, LimitGroup, LimitState, RateLimiter, Reservation } from './rate-limiter.ts';
