import { type Client, createClient } from 'graphql-ws';
import { documentId } from '../api/execute.ts';
import type { SecurityEventsSubscription } from '../gql/graphql.ts';
import type { FeedConnection } from './event-feed.ts';
import { reconnectDelay } from './reconnect-delay.ts';
import { SecurityEvents } from './security-event.ts';

/** The cursor that stands before the first event of the log. */
const beginningOfLog = '0';
const keepAliveMs = 15_000;
const pongWithinMs = 5_000;

export interface SecurityEventsSink {
  event(event: SecurityEventsSubscription['securityEvents']): void;
  connection(state: FeedConnection): void;
  /**
   * The socket closed or the server ended the subscription: perhaps because the session is over. The feed is opened
   * again once this has settled, unless it was closed meanwhile.
   */
  interrupted(): Promise<void>;
}

/**
 * Opens the live feed of one's own security events and keeps it open. After each interruption it resumes behind the
 * last event that arrived, so that none is lost. Returns the function that closes it.
 */
export function openSecurityEvents(sink: SecurityEventsSink): () => void {
  let cursor = beginningOfLog;
  let closed = false;
  let failures = 0;
  let unsubscribe = () => {};
  let interruption = Promise.resolve();

  async function waitToReconnect(retries: number): Promise<void> {
    await reconnectDelay(retries);
    await interruption;
  }

  function interrupted(): void {
    if (closed) return;
    sink.connection('reconnecting');
    interruption = sink.interrupted();
  }

  const client = createClient({
    url: new URL('/graphql', location.href.replace(/^http/, 'ws')).href,
    lazy: true,
    keepAlive: keepAliveMs,
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: waitToReconnect,
    // A browser reports a refused connection as an error without a close code; that is worth another try too.
    shouldRetry: () => true,
  });
  client.on('connected', () => sink.connection('live'));
  client.on('closed', interrupted);
  terminateWhenSilent(client);

  function start(): void {
    // Read anew for every subscribe message, also for those that the client repeats after reconnecting by itself.
    const variables = {
      get after() {
        return cursor;
      },
    };
    unsubscribe = client.subscribe<SecurityEventsSubscription>(
      // The protocol demands a query. A node that does not know the id yet is tried again until it does.
      { query: '', ...{ documentId: documentId(SecurityEvents) }, variables },
      {
        next({ data, errors }) {
          if (errors !== undefined || !data) return;
          failures = 0;
          cursor = data.securityEvents.cursor;
          sink.event(data.securityEvents);
        },
        error: () => void restart(),
        complete: () => void restart(),
      },
    );
  }

  /** The server refused or ended the subscription itself, which the client does not repeat by itself. */
  async function restart(): Promise<void> {
    if (closed) return;
    interrupted();
    await waitToReconnect(failures++);
    if (!closed) start();
  }

  start();
  return () => {
    closed = true;
    unsubscribe();
    // Rejects when it comes while connecting, which is of no interest any more.
    Promise.resolve(client.dispose()).catch(() => {});
  };
}

/** A connection may die without a word, such as when a laptop sleeps: a ping without a pong ends it, so that it is renewed. */
function terminateWhenSilent(client: Client): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  client.on('ping', (received) => {
    if (received) return;
    clearTimeout(timer);
    timer = setTimeout(() => client.terminate(), pongWithinMs);
  });
  client.on('pong', (received) => {
    if (received) clearTimeout(timer);
  });
  client.on('closed', () => clearTimeout(timer));
}
