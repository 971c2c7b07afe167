export { memoryHeldLimits } from './held-limits.memory.ts';
export { redisHeldLimits } from './held-limits.redis.ts';
export { ChallengeRequiredError } from './limits.errors.ts';
export type { Caller, IsTrustedDevice, LimitListener, RiskFactor } from './limits.ports.ts';
export { type AdmitOperation, admitOperation, type OperationCall } from './use-cases/admit-operation.ts';
export { type AdmitRequest, admitRequest, type RequestAdmission } from './use-cases/admit-request.ts';
export { listRateLimits } from './use-cases/list-rate-limits.ts';
export { reportLimit } from './use-cases/report-limit.ts';
