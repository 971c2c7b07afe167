import type { UserId } from '#kernel/ids.ts';
import type { Parsed } from './email.ts';

export type UserStatus = 'active' | 'suspended';

/** A person. What proves them stands in their accounts, where to reach them in their e-mail addresses. */
export interface User {
  readonly id: UserId;
  readonly displayName: string;
  readonly status: UserStatus;
  readonly createdAt: Date;
}

const maxNameLength = 100;
// Controls and line separators would break mail headers and logs; bidirectional embeddings, overrides and isolates let a
// name rewrite the text around it. Joiners stay: Indic and Persian names and emoji need them.
const disruptive = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;
// Letters and symbols that show as blank: Hangul fillers and the empty Braille pattern.
const blanks = /[\u115f\u1160\u3164\uffa0\u2800]/gu;
const visible = /[\p{L}\p{N}\p{P}\p{S}]/u;

/**
 * Reads the name of a person or an organisation: trimmed, NFC, 1 to 100 code points, at least one that can be seen. Names
 * are shown, never compared; anything else about how people are called is theirs to decide.
 */
export function parseDisplayName(input: string): Parsed<string> {
  if (input.length > maxNameLength * 8) return { ok: false, problem: `must have at most ${maxNameLength} characters` };
  if (!input.isWellFormed()) return { ok: false, problem: 'holds broken characters' };
  const name = input.trim().normalize('NFC');
  if ([...name].length > maxNameLength) return { ok: false, problem: `must have at most ${maxNameLength} characters` };
  if (disruptive.test(name)) return { ok: false, problem: 'must not hold line breaks or control characters' };
  if (!visible.test(name.replace(blanks, ''))) return { ok: false, problem: 'must not be empty' };
  return { ok: true, value: name };
}

/** A new, active user. Throws on a name that `parseDisplayName` would refuse: the door has read it before. */
export function createUser(input: { id: UserId; displayName: string; createdAt: Date }): User {
  return { ...input, displayName: assertDisplayName(input.displayName), status: 'active' };
}

/** The user under another name; throws as `createUser` does. */
export function renameUser(user: User, displayName: string): User {
  return { ...user, displayName: assertDisplayName(displayName) };
}

/** A suspended user keeps everything but can neither sign in nor act; the caller ends their sessions. Idempotent. */
export function suspendUser(user: User): User {
  return { ...user, status: 'suspended' };
}

/** Ends a suspension. Sessions that it ended stay ended. Idempotent. */
export function reactivateUser(user: User): User {
  return { ...user, status: 'active' };
}

/** Whether this user may hold a live session at all. */
export function canSignIn(user: User): boolean {
  return user.status === 'active';
}

/** The name in its canonical form; throws where there is none. For constructors whose door has parsed the input. */
export function assertDisplayName(input: string): string {
  const name = parseDisplayName(input);
  if (!name.ok) throw new RangeError(`a display name ${name.problem}`);
  return name.value;
}
