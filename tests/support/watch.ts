import type { TestClient } from './client.ts';
import { documents } from './stories.ts';

export interface SeenEvent {
  readonly id: string;
  readonly cursor: string;
  readonly type: string;
  readonly severity: string;
  readonly subjectId: string | null;
  readonly actorId: string | null;
  readonly sessionId: string | null;
  readonly organisationId: string | null;
  readonly correlationId: string;
  readonly data: Record<string, unknown>;
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
}

export interface Watch {
  /** What came so far, in order. */
  readonly events: readonly SeenEvent[];
  /** The code of each error that came. */
  readonly errors: readonly string[];
  /** The code and reason by which the socket was closed, once it is. */
  readonly closed: readonly { readonly code: number; readonly reason: string }[];
  types(): string[];
  stop(): Promise<void>;
}

/** Subscribes to `securityEvents` on a socket of its own and keeps what comes. */
export function watch(client: TestClient, variables: Record<string, unknown> = {}): Watch {
  const events: SeenEvent[] = [];
  const errors: string[] = [];
  const closed: { code: number; reason: string }[] = [];
  const socket = client.socket((code, reason) => closed.push({ code, reason }));
  socket.subscribe<{ securityEvents: SeenEvent }>(
    { query: documents.securityEvents, variables },
    {
      next: (message) => {
        if (message.data?.securityEvents) events.push(message.data.securityEvents);
        for (const error of message.errors ?? []) errors.push(String(error.extensions?.['code']));
      },
      error: (error) => {
        for (const one of Array.isArray(error) ? error : []) errors.push(String(one.extensions?.code));
      },
      complete: () => {},
    },
  );
  return { events, errors, closed, types: () => events.map(({ type }) => type), stop: async () => void (await socket.dispose()) };
}
