import { LRUCache } from 'lru-cache';
import type { SecurityEvent } from '#capabilities/events/index.ts';
import type { Clock } from '#kernel/clock.ts';
import { createKnownChanges } from './known-changes.ts';
import { type PackedSession, packSession, unpackSession } from './packed-session.ts';
import { isLive, isTouchDue } from './session.ts';
import type { SessionStore, SessionWithUser } from './sessions.ports.ts';

export interface SessionCacheDeps {
  readonly sessions: Pick<SessionStore, 'findByTokenHash' | 'findById'>;
  /** The part of the event feed that vouches for what is cached. */
  readonly feed: { caughtUpAtMs(): number };
  readonly clock: Clock;
  /** A clock that is never set back, in milliseconds: whoever can change the time must not make old answers good again. */
  readonly monotonicMs: () => number;
  /** Sessions that are kept at most; 0 keeps none. */
  readonly maxEntries: number;
}

/** What an event says has changed. */
export type Changed = Pick<SecurityEvent, 'type'> & {
  readonly sessionId?: string | null | undefined;
  readonly subjectId?: string | null | undefined;
  readonly organisationId?: string | null | undefined;
};

export interface SessionCache extends Pick<SessionStore, 'findByTokenHash' | 'findById'> {
  /** What was read of this session and person before counts no more. To be told of every event, committed here or elsewhere. */
  changed(event: Changed): void;
  stats(): { readonly hits: number; readonly misses: number; readonly entries: number };
}

/**
 * How long an answer of the database is good without a word from the log, in milliseconds. No session is honoured for longer
 * than this after its end was committed, whatever becomes of hints between nodes: what ends one is in the log, and where the
 * node has not read the log for this long it asks the database.
 */
export const mostUnconfirmedMs = 900;
// What is changed past the product, by hand in the database, is in no log: it is seen after this time at the latest.
const longestLifeMs = 60_000;
const mostChanges = 100_000;

/** Events that change neither a session nor what is kept of its person. Any other counts as one that does. */
const harmless: ReadonlySet<string> = new Set([
  'login.succeeded',
  'login.challenged',
  'login.throttled',
  'password.rejected',
  'password.reset_requested',
  'session.refreshed',
]);

/** Events that change the sessions of a whole organisation. */
const ofOrganisation: ReadonlySet<string> = new Set(['session_policy.updated', 'session_policy.applied']);

interface Entry {
  readonly packed: PackedSession;
  /** The mark of the known changes when the database was asked. */
  readonly mark: number;
  readonly untilMs: number;
}

/**
 * Sessions as this node read them last, so that most requests ask no database. Right by these rules: an entry counts only
 * while the node keeps up with the log (`mostUnconfirmedMs`), only if no change of the session, person or organisation's policy
 * became known since
 * the database was asked, and only while the session is live by its own times; everything else is a miss. A change that this
 * node itself commits counts before its caller is answered.
 */
export function createSessionCache({ sessions, feed, clock, monotonicMs, maxEntries }: SessionCacheDeps): SessionCache {
  const entries = maxEntries > 0 ? new LRUCache<string, Entry>({ max: maxEntries }) : undefined;
  const changes = createKnownChanges({ monotonicMs, rememberMs: 2 * longestLifeMs, maxEntries: mostChanges });
  let hits = 0;
  let misses = 0;

  function isGood({ session }: SessionWithUser, mark: number): boolean {
    const now = clock.now();
    // A use that has to be written down is decided on what the database says: another node may have done it.
    return (
      isLive(session, now) &&
      !isTouchDue(session, now) &&
      !changes.anySince(mark, session.id, session.userId, session.organisationId)
    );
  }

  function lookUp(key: string): SessionWithUser | undefined {
    const entry = entries?.get(key);
    if (!entry) return undefined;
    const nowMs = monotonicMs();
    if (nowMs - feed.caughtUpAtMs() > mostUnconfirmedMs) return undefined;
    const found = nowMs < entry.untilMs ? unpackSession(entry.packed) : undefined;
    if (found && isGood(found, entry.mark)) return found;
    entries?.delete(key);
    return undefined;
  }

  async function find(key: string, load: () => Promise<SessionWithUser | null>): Promise<SessionWithUser | null> {
    const known = lookUp(key);
    if (known) {
      hits += 1;
      return known;
    }
    misses += 1;
    const mark = changes.mark();
    const found = await load();
    const packed = found && isGood(found, mark) ? packSession(found) : null;
    // Of different lives, so that what was read together is not read again together.
    if (packed !== null) entries?.set(key, { packed, mark, untilMs: monotonicMs() + longestLifeMs * (0.8 + Math.random() / 5) });
    return found;
  }

  return {
    // As many bytes as the hash has; written in base64 it would take half as much again for each of very many.
    findByTokenHash: (tokenHash) => find(tokenHash.toString('latin1'), () => sessions.findByTokenHash(tokenHash)),
    findById: (id) => find(id, () => sessions.findById(id)),
    changed: ({ type, sessionId, subjectId, organisationId }) => {
      if (harmless.has(type)) return;
      if (sessionId) changes.note(sessionId);
      // Tells of all sessions of an organisation at once, and names none of them.
      if (organisationId && ofOrganisation.has(type)) changes.note(organisationId);
      // That one session ended changes nothing of the others.
      if (subjectId && type !== 'session.revoked') changes.note(subjectId);
    },
    stats: () => ({ hits, misses, entries: entries?.size ?? 0 }),
  };
}
