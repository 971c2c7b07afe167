import type { AuthenticateRequest, Principal } from '#capabilities/sessions/index.ts';
import type { OrganisationId } from '#kernel/ids.ts';
import type { Logger } from '#platform/observability/logger.ts';
import type { LiveSocket } from './socket-registry.ts';

/** The acknowledged connections of this node, for what may end one although its session goes on. */
export interface OpenConnections {
  add(socket: LiveSocket, principal: Principal): void;
  remove(socket: LiveSocket): void;
  /** Closes those of the organisation whose session may not be used any more from where they come. Never waits, never throws. */
  recheck(organisationId: OrganisationId): void;
}

const unauthorized = 4401;

export function createOpenConnections(deps: {
  readonly authenticate: AuthenticateRequest;
  readonly logger: Logger;
}): OpenConnections {
  const open = new Map<LiveSocket, Principal>();
  const wanted = new Set<OrganisationId>();
  let running = false;

  async function check(socket: LiveSocket, { actor: { sessionId, origin } }: Principal): Promise<void> {
    try {
      if (!(await deps.authenticate({ kind: 'session', sessionId }, origin))) socket.close(unauthorized, 'Session ended');
    } catch (error) {
      // Each message on it asks again.
      deps.logger.warn('could not check a socket against a changed policy', { error });
    }
  }

  // One after the other: there may be very many, and requests are to be served meanwhile.
  async function run(): Promise<void> {
    running = true;
    for (const organisationId of wanted) {
      wanted.delete(organisationId);
      for (const [socket, principal] of open)
        if (principal.actor.organisationId === organisationId) await check(socket, principal);
    }
    running = false;
  }

  return {
    add: (socket, principal) => void open.set(socket, principal),
    remove: (socket) => void open.delete(socket),
    recheck: (organisationId) => {
      wanted.add(organisationId);
      if (!running) void run();
    },
  };
}
