import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Actor } from '#kernel/actor.ts';
import type { Clock } from '#kernel/clock.ts';
import { newId, type OrganisationId, type SessionId } from '#kernel/ids.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { HotTx } from '#platform/db/index.ts';
import type { EventStore } from '../events.ports.ts';
import type { PersonalCipher } from '../personal-cipher.ts';
import type { EventActor, EventDescription, EventRecord, PersonalData } from '../security-event.ts';

export interface NewEvent {
  readonly event: EventDescription;
  readonly actor: Actor;
  readonly subjectId?: string;
  readonly organisationId?: OrganisationId;
  readonly sessionId?: SessionId;
  /** Facts that point at no person. */
  readonly data?: JsonObject;
  /** Beside the network address and the user agent of the actor, which are always kept. */
  readonly personal?: PersonalData;
}

export interface AppendEventDeps {
  readonly store: EventStore;
  readonly cipher: PersonalCipher;
  readonly clock: Clock;
}

export type AppendEvent = (tx: HotTx, input: NewEvent) => Promise<void>;

/**
 * Appends an event in the transaction of the change that it tells of, so that neither is ever there without the other.
 * A failure event is committed by its use case before the error is returned.
 */
export const appendEvent =
  ({ store, cipher, clock }: AppendEventDeps): AppendEvent =>
  async (tx, { event, actor, subjectId, organisationId, sessionId, data, personal }) => {
    const id = newId('evt');
    const occurredAt = clock.now().toISOString();
    const { ipAddress, userAgent, correlationId } = actor.origin;
    // What nobody can be named for yet is encrypted under a key of the month, which retention destroys.
    const keyId = subjectId ?? `unattributed:${occurredAt.slice(0, 7)}`;
    const sealed =
      actor.kind === 'system' && !personal ? null : await cipher.seal(tx, keyId, id, { ipAddress, userAgent, ...personal });
    const record: EventRecord = {
      version: 1,
      id,
      type: event.type,
      severity: event.severity,
      occurredAt,
      actor: actorOf(actor),
      subjectId: subjectId ?? null,
      organisationId: organisationId ?? (actor.kind === 'user' ? actor.organisationId : null),
      sessionId: sessionId ?? (actor.kind === 'user' ? actor.sessionId : null),
      correlationId,
      data: data ?? {},
      personalDigest: sealed && createHash('sha256').update(sealed.ciphertext).digest('base64url'),
    };
    await store.append(tx, record, canonicalBytes(record), sealed);
  };

/** Canonical JSON (RFC 8785): the same record gives the same bytes on every machine, forever. */
export function canonicalBytes(record: EventRecord): Buffer {
  const text = canonicalize(record);
  if (text === undefined) throw new Error('an event record must be JSON');
  return Buffer.from(text);
}

function actorOf(actor: Actor): EventActor {
  if (actor.kind === 'user') return { kind: 'user', id: actor.userId };
  if (actor.kind === 'system') return { kind: 'system', id: actor.name };
  return { kind: 'anonymous', id: null };
}
