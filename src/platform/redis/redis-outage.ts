import { ReplyError } from 'ioredis';

/** Replies by which a server says that it can't serve at all now. Any other error reply comes from a server that works. */
const outageReplies = /^(?:LOADING|MASTERDOWN|CLUSTERDOWN|READONLY|TRYAGAIN|BUSY|NOREPLICAS|MISCONF|NOAUTH|WRONGPASS)\b/;

/**
 * Whether an error says that Redis is away, rather than that one command was refused. A full Redis (OOM) refuses writes at
 * once and answers reads, so it is no outage.
 */
export function isRedisOutage(error: unknown): boolean {
  return !(error instanceof ReplyError) || outageReplies.test((error as Error).message);
}
