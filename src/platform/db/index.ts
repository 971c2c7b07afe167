export {
  type Database,
  type HotTx,
  openDatabase,
  type PrismaDatabase,
  type PrismaTx,
  type Tx,
  type UnitOfWork,
} from './database.ts';
export { asUnavailable, isUniqueViolation } from './failures.ts';
export { committingHastily, hastily } from './hasty-commit.ts';
export { hotSelect } from './hot-select.ts';
export { listenForNotifications } from './listener.ts';
export { overriding } from './overriding.ts';
export { type DrizzleDatabase, perConnection } from './per-connection.ts';
export { connectionConfig, createPool, type PoolSettings, waitForDatabase } from './pool.ts';
export { retryingUnitOfWork } from './retrying-unit-of-work.ts';
