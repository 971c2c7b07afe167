import type { EventId, OrganisationId, SessionId } from '#kernel/ids.ts';
import type { JsonObject } from '#kernel/json.ts';

export const severities = ['info', 'notice', 'warning', 'critical'] as const;
export type Severity = (typeof severities)[number];

/** Declared once per event type, by the capability that emits it, in its `*.events.ts`. */
export interface EventDescription {
  /** Past tense, dotted, stable: `session.revoked`. Failures too: `password.rejected`. */
  readonly type: string;
  readonly severity: Severity;
  readonly description: string;
}

const catalogue = new Map<string, EventDescription>();

/** Registers an event type. Declared twice it is a defect: it throws when the module loads. */
export function describeEvent(description: EventDescription): EventDescription {
  if (!/^[a-z][a-z_]*(\.[a-z][a-z_]*)+$/.test(description.type))
    throw new Error(`event type ${description.type} is not dotted lower case`);
  if (catalogue.has(description.type)) throw new Error(`event type ${description.type} is declared twice`);
  catalogue.set(description.type, description);
  return description;
}

/** All event types that the loaded modules declare, in the order of their names. */
export function eventCatalogue(): EventDescription[] {
  return [...catalogue.values()].sort((a, b) => (a.type < b.type ? -1 : 1));
}

export interface EventActor {
  readonly kind: 'anonymous' | 'user' | 'system';
  readonly id: string | null;
}

/** The event without its personal data. Its canonical JSON is what the log stores and what a hash commits to. */
export interface EventRecord {
  readonly version: 1;
  readonly id: EventId;
  readonly type: string;
  readonly severity: Severity;
  /** RFC 3339, UTC, milliseconds. */
  readonly occurredAt: string;
  readonly actor: EventActor;
  /** Whom it happened to: a user, or the user to be of a registration. */
  readonly subjectId: string | null;
  readonly organisationId: OrganisationId | null;
  readonly sessionId: SessionId | null;
  readonly correlationId: string;
  readonly data: JsonObject;
  /** SHA-256 of the encrypted personal data, base64url: the log stays provable after the key is destroyed. */
  readonly personalDigest: string | null;
}

/** Facts that point at a person. Stored encrypted under the subject's own key only. */
export interface PersonalData {
  readonly ipAddress?: string;
  readonly userAgent?: string;
  readonly emailAddress?: string;
}

/** An event with its place in the log. */
export interface SecurityEvent extends EventRecord {
  /** Contiguous from 1 over the whole deployment. */
  readonly position: bigint;
  readonly personal: { readonly keyId: string; readonly ciphertext: Buffer } | null;
}
