import { LRUCache } from 'lru-cache';
import type { SecurityEvent } from '#capabilities/events/index.ts';
import { type Clock, clockToleranceSeconds } from '#kernel/clock.ts';
import { createKnownChanges } from './known-changes.ts';
import { type PackedSession, packSession, unpackSession } from './packed-session.ts';
import { createRefusedTokens } from './refused-tokens.ts';
import { isLive, isTouchDue, touchDueInMs } from './session.ts';
import type { SessionCopy, SessionStore, SessionWithUser, SharedSessions } from './sessions.ports.ts';

export interface SessionCacheDeps {
  readonly sessions: Pick<SessionStore, 'findByTokenHash' | 'findById'>;
  /** Asked before the database for what is not in memory; undefined: there is none. */
  readonly shared: SharedSessions | undefined;
  /** The part of the event feed that vouches for what is cached. */
  readonly feed: {
    caughtUpAtMs(): number;
    position(): bigint;
    followedFrom(): bigint | undefined;
  };
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
  /** Its place in the log; none yet for what was committed here just now. */
  readonly position?: bigint | undefined;
  readonly organisationId?: string | null | undefined;
};

/** How the questions were answered so far. */
export interface SessionCacheStats {
  /** From memory. */
  readonly hits: number;
  /** Asked the database. */
  readonly misses: number;
  /** From the copy of another node. */
  readonly sharedHits: number;
  readonly sharedMisses: number;
  /** Refused by memory: the token is of no session. */
  readonly refused: number;
  /** Answered together with one that was being asked. */
  readonly joined: number;
  /** Sessions in memory now. */
  readonly entries: number;
}

export interface SessionCache extends Pick<SessionStore, 'findByTokenHash' | 'findById'> {
  /** What was read of this session and person before counts no more. To be told of every event, committed here or elsewhere. */
  changed(event: Changed): void;
  /** Says that `changed` was told of all events after `position`, also of those from before this node followed the log. */
  knowsSince(position: bigint): void;
  stats(): SessionCacheStats;
}

/**
 * How long an answer of the database is good without a word from the log, in milliseconds. No session is honoured for longer
 * than this after its end was committed, whatever becomes of hints between nodes: what ends one is in the log, and where the
 * node has not read the log for this long it asks the database.
 */
export const mostUnconfirmedMs = 900;
// What is changed past the product, by hand in the database, is in no log: it is seen after this time at the latest.
const longestLifeMs = 60_000;
// A copy that could be lent for less is not worth its way.
const shortestLoanMs = 1_000;
const mostChanges = 100_000;
/** How often a question is put again whose answer was overtaken by a change. */
const mostRepeats = 3;
/** Those used last are also kept as objects, at four times the size. */
const mostBusy = 1_000;
const mostUserAgents = 5_000;

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

interface Entry extends PackedSession {
  /** The mark of the known changes when the database was asked. */
  readonly mark: number;
  readonly untilMs: number;
}

/** A question on its way. */
interface Flight {
  readonly mark: number;
  readonly beganAtMs: number;
  readonly answer: Promise<SessionWithUser | null>;
}

/**
 * Sessions as this node read them last, so that most requests ask no database. Right by these rules: an entry counts only
 * while the node keeps up with the log (`mostUnconfirmedMs`), only if no change of the session, its person or its
 * organisation's policy became known since the database was asked, and only while the session is live by its own times;
 * everything else is a miss. A change that this node itself commits counts before its caller is answered.
 *
 * What is not in memory may be lent by another node (`SharedSessions`). A copy counts by the same rules, told by its position
 * in the log: this node must know every change after it, and none of the session or person may be among them.
 */
export function createSessionCache({ sessions, shared, feed, clock, monotonicMs, maxEntries }: SessionCacheDeps): SessionCache {
  const entries = maxEntries > 0 ? new LRUCache<string, Entry>({ max: maxEntries }) : undefined;
  const userAgents = new LRUCache<string, string>({ max: mostUserAgents });
  const busy = new LRUCache<string, { readonly entry: Entry; readonly found: SessionWithUser }>({ max: mostBusy });
  const refused = createRefusedTokens(monotonicMs);
  const flights = new Map<string, Flight>();
  const changes = createKnownChanges({ monotonicMs, rememberMs: 2 * longestLifeMs, maxEntries: mostChanges });
  let recalledFrom: bigint | undefined;
  const count = { hits: 0, misses: 0, sharedHits: 0, sharedMisses: 0, refused: 0, joined: 0 };

  const keepsUp = () => monotonicMs() - feed.caughtUpAtMs() <= mostUnconfirmedMs;

  function isUsable({ session }: SessionWithUser): boolean {
    const now = clock.now();
    // A use that has to be written down is decided on what the database says: another node may have done it.
    return isLive(session, now) && !isTouchDue(session, now);
  }

  function isOvertaken({ session: { id, userId, organisationId } }: SessionWithUser, mark: number): boolean {
    return changes.anySince(mark, id, userId, organisationId);
  }

  function isGood(found: SessionWithUser, mark: number): boolean {
    return isUsable(found) && !isOvertaken(found, mark);
  }

  /** The session of a copy, if this node itself can say that nothing has changed since. */
  function vouchedFor({ packed, position, readAt }: SessionCopy): SessionWithUser | undefined {
    const knownFrom = recalledFrom ?? feed.followedFrom();
    if (!keepsUp() || knownFrom === undefined || position < knownFrom || position > feed.position()) return undefined;
    const ageMs = clock.now().getTime() - readAt.getTime();
    if (ageMs > longestLifeMs || ageMs < -1_000 * clockToleranceSeconds) return undefined;
    const found = unpackSession(packed);
    const { id, userId, organisationId } = found.session;
    const mayHaveChanged = changes.anyAfter(position, feed.caughtUpAtMs(), id, userId, organisationId);
    return isUsable(found) && !mayHaveChanged ? found : undefined;
  }

  function lookUp(key: string): SessionWithUser | 'absent' | 'outdated' {
    const entry = entries?.get(key);
    if (!entry) return 'absent';
    if (!keepsUp()) return 'outdated';
    const found = monotonicMs() < entry.untilMs ? unpacked(key, entry) : undefined;
    if (found && isGood(found, entry.mark)) return found;
    entries?.delete(key);
    return 'outdated';
  }

  function unpacked(key: string, entry: Entry): SessionWithUser {
    const known = busy.get(key);
    if (known?.entry === entry) return known.found;
    const found = unpackSession(entry);
    busy.set(key, { entry, found });
    return found;
  }

  function remember(key: string, { text, userAgent }: PackedSession, mark: number, forMs: number): void {
    const known = userAgents.get(userAgent);
    if (known === undefined) userAgents.set(userAgent, userAgent);
    // Whole milliseconds take less room.
    entries?.set(key, { text, userAgent: known ?? userAgent, mark, untilMs: Math.floor(monotonicMs() + forMs) });
  }

  async function findCopy(key: string): Promise<SessionWithUser | undefined> {
    const copy = await shared?.find(key);
    const found = copy && vouchedFor(copy);
    if (!copy || !found) {
      count.sharedMisses += 1;
      return undefined;
    }
    count.sharedHits += 1;
    // From now on known changes are told from unknown ones by the mark, as for what was read here.
    remember(key, copy.packed, changes.mark(), copy.readAt.getTime() + longestLifeMs - clock.now().getTime());
    return found;
  }

  async function load(
    key: string,
    ask: () => Promise<SessionWithUser | null>,
    more = mostRepeats,
  ): Promise<SessionWithUser | null> {
    count.misses += 1;
    const mark = changes.mark();
    const position = feed.position();
    const readAt = clock.now();
    const found = await ask();
    const overtaken = found !== null && isOvertaken(found, mark);
    // Known here to have changed while the answer was on its way: what it says may be no longer so.
    if (overtaken && more > 0) return load(key, ask, more - 1);
    const packed = found && !overtaken && isUsable(found) ? packSession(found) : null;
    if (!found || !packed) return found;
    // Of different lives, so that what was read together is not read again together.
    const lifeMs = longestLifeMs * (0.8 + Math.random() / 5);
    remember(key, packed, mark, lifeMs);
    const loanMs = Math.min(lifeMs, touchDueInMs(found.session, readAt));
    if (loanMs >= shortestLoanMs && feed.followedFrom() !== undefined) shared?.keep(key, { packed, position, readAt }, loanMs);
    return found;
  }

  async function find(key: string, ask: () => Promise<SessionWithUser | null>): Promise<SessionWithUser | null> {
    if (!entries) {
      count.misses += 1;
      return ask();
    }
    const known = lookUp(key);
    if (typeof known === 'object') {
      count.hits += 1;
      return known;
    }
    const running = flights.get(key);
    // An answer may be shared that was asked for before, but not one that a change, here or elsewhere, may have overtaken.
    if (running?.mark === changes.mark() && monotonicMs() - running.beganAtMs <= mostUnconfirmedMs) {
      count.joined += 1;
      return running.answer;
    }
    const begin = async () => (shared && known === 'absent' && keepsUp() ? await findCopy(key) : undefined) ?? load(key, ask);
    const flight: Flight = { mark: changes.mark(), beganAtMs: monotonicMs(), answer: begin() };
    flights.set(key, flight);
    try {
      return await flight.answer;
    } finally {
      if (flights.get(key) === flight) flights.delete(key);
    }
  }

  async function findByToken(key: string, tokenHash: Buffer): Promise<SessionWithUser | null> {
    if (entries && refused.has(key)) {
      count.refused += 1;
      return null;
    }
    const found = await find(key, () => sessions.findByTokenHash(tokenHash));
    // What is revoked stays so.
    if (entries && (!found || found.session.revokedAt !== null)) refused.add(key);
    return found;
  }

  return {
    // As many bytes as the hash has; written in base64 it would take half as much again for each of very many.
    findByTokenHash: (tokenHash) => findByToken(tokenHash.toString('latin1'), tokenHash),
    findById: (id) => find(id, () => sessions.findById(id)),
    changed: ({ type, sessionId, subjectId, organisationId, position }) => {
      if (harmless.has(type)) return;
      if (sessionId) changes.note(sessionId, position);
      // Tells of all sessions of an organisation at once, and names none of them.
      if (organisationId && ofOrganisation.has(type)) changes.note(organisationId, position);
      // That one session ended changes nothing of the others.
      if (subjectId && type !== 'session.revoked') changes.note(subjectId, position);
    },
    knowsSince: (position) => {
      recalledFrom = position;
    },
    stats: () => ({ ...count, entries: entries?.size ?? 0 }),
  };
}
