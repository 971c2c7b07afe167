import type { Session } from '#capabilities/sessions/index.ts';
import type { Clock } from '#kernel/clock.ts';
import type { SessionId } from '#kernel/ids.ts';
import type { Logger } from '#platform/observability/logger.ts';

export interface LiveSocket {
  close(code: number, reason: string): void;
}

export interface SocketRegistry {
  /** Remembers a socket until `forget`, unless its session has ended meanwhile or has too many already. */
  remember(session: Pick<Session, 'id'>, socket: LiveSocket): 'remembered' | 'ended' | 'full';
  forget(sessionId: SessionId, socket: LiveSocket): void;
  /** Closes all sockets of a session that has ended. */
  sessionEnded(sessionId: SessionId): void;
  /** Closes every socket, for a node that goes out of service. Clients come back to another one. */
  closeAll(): void;
  readonly size: number;
  /** Looks which of the sessions have ended without being heard of, such as by their timeouts. */
  sweep(): Promise<void>;
  start(): void;
  stop(): void;
}

export interface SocketRegistryDeps {
  readonly findEnded: (ids: readonly SessionId[], now: Date) => Promise<SessionId[]>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly sweepMs?: number;
}

const socketsPerSession = 20;
// A socket is authenticated by what was read a moment before; the end of its session may be heard of in between.
const endedRemembered = 1_000;
/** Close codes of the graphql-transport-ws protocol, and 1001 of RFC 6455, 7.4.1. */
const unauthorized = 4401;
const goingAway = 1001;

/**
 * Ties sockets to sessions: a socket lives no longer than its session. Revocations come by the event feed within a moment;
 * the sweep finds what no event tells, since a session that times out ends by itself.
 */
export function createSocketRegistry({ findEnded, clock, logger, sweepMs = 5_000 }: SocketRegistryDeps): SocketRegistry {
  const bySession = new Map<SessionId, Set<LiveSocket>>();
  const ended = new Set<SessionId>();
  let timer: NodeJS.Timeout | undefined;

  function rememberEnd(sessionId: SessionId): void {
    ended.add(sessionId);
    const [oldest] = ended;
    if (ended.size > endedRemembered && oldest) ended.delete(oldest);
  }

  function sessionEnded(sessionId: SessionId): void {
    rememberEnd(sessionId);
    const sockets = bySession.get(sessionId);
    bySession.delete(sessionId);
    for (const socket of sockets ?? []) socket.close(unauthorized, 'Session ended');
  }

  async function sweep(): Promise<void> {
    const ids = [...bySession.keys()];
    if (ids.length > 0) for (const id of await findEnded(ids, clock.now())) sessionEnded(id);
  }

  return {
    remember: ({ id }, socket) => {
      if (ended.has(id)) return 'ended';
      const sockets = bySession.get(id) ?? new Set();
      if (sockets.size >= socketsPerSession) return 'full';
      bySession.set(id, sockets.add(socket));
      return 'remembered';
    },
    forget: (sessionId, socket) => {
      const sockets = bySession.get(sessionId);
      sockets?.delete(socket);
      if (sockets?.size === 0) bySession.delete(sessionId);
    },
    sessionEnded,
    closeAll: () => {
      for (const sockets of bySession.values()) for (const socket of sockets) socket.close(goingAway, 'Going away');
    },
    get size() {
      let size = 0;
      for (const sockets of bySession.values()) size += sockets.size;
      return size;
    },
    sweep,
    start: () => {
      timer = setInterval(
        () => sweep().catch((error: unknown) => logger.warn('could not look after sockets', { error })),
        sweepMs,
      ).unref();
    },
    stop: () => clearInterval(timer),
  };
}
