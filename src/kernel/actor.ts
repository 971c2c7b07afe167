import type { OrganisationId, SessionId, UserId } from './ids.ts';
import type { Secret } from './secret.ts';

/** Facts of the connection that a request came by. They describe; they never authorise. */
export interface RequestOrigin {
  readonly ipAddress: string;
  readonly userAgent: string;
  readonly correlationId: string;
  /** What the client is known by; absent where no request of a client is behind it, such as in a job. */
  readonly client?: ClientFacts;
}

export interface ClientFacts {
  /** The stable text by which the client says that it is the same as before: a cookie's or a header's; null for none. */
  readonly deviceId: Secret<string> | null;
  /** Whether that came by the cookie that we set. */
  readonly keepsCookie: boolean;
  /** The header Sec-CH-UA as it came (User-Agent Client Hints). */
  readonly brands: string;
}

/** Before sign-in the actor is an explicit anonymous, never null: forgetting to ask who acts does not compile. */
export interface AnonymousActor {
  readonly kind: 'anonymous';
  readonly origin: RequestOrigin;
}

/** A person with a live session. `authTime` and `amr` are those of OpenID Connect Core, 2 (RFC 8176 values). */
export interface UserActor {
  readonly kind: 'user';
  readonly origin: RequestOrigin;
  readonly userId: UserId;
  readonly sessionId: SessionId;
  readonly organisationId: OrganisationId;
  readonly authTime: Date;
  readonly amr: readonly string[];
}

/** The product itself: jobs, start-up, the command line. */
export interface SystemActor {
  readonly kind: 'system';
  readonly name: string;
  readonly origin: RequestOrigin;
}

export type Actor = AnonymousActor | UserActor | SystemActor;
