/** The outcome of reading input: the value, or a sentence that a door shows beside the field. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

/** `resource:action`, both lower-case kebab; either part may be `*`, which covers every value of that part. */
export type Permission = `${string}:${string}`;

const part = String.raw`(?:\*|[a-z][a-z0-9]*(?:-[a-z0-9]+)*)`;
const shape = new RegExp(`^${part}:${part}$`);
const maxLength = 100;

export function isPermission(text: string): text is Permission {
  return text.length <= maxLength && shape.test(text);
}

/** Reads a permission such as `session:revoke` or `user:*`. Nothing is trimmed or folded: a grant must say what it means. */
export function parsePermission(text: string): Parsed<Permission> {
  if (!isPermission(text)) return { ok: false, problem: 'must be resource:action in lower case, either part may be *' };
  return { ok: true, value: text };
}

/**
 * Whether a grant reaches what is wanted. Total on any two strings: a malformed permission on either side covers nothing,
 * so damaged data denies. Wanting `user:*` means every action at once; only a grant with that `*` covers it.
 */
export function permissionCovers(granted: string, wanted: string): boolean {
  if (!isPermission(granted) || !isPermission(wanted)) return false;
  const [grantedResource, grantedAction] = granted.split(':');
  const [wantedResource, wantedAction] = wanted.split(':');
  return covers(grantedResource, wantedResource) && covers(grantedAction, wantedAction);
}

function covers(granted: string | undefined, wanted: string | undefined): boolean {
  return granted === '*' || granted === wanted;
}

/** A permission that somebody holds, and the role it came by. */
export interface Grant {
  readonly role: string;
  readonly permission: string;
}

/** Why access was or was not granted; complete enough to be shown without looking anything up again. */
export type Because =
  | { readonly rule: 'granted'; readonly grant: Grant }
  | { readonly rule: 'no-grant-covers'; readonly wanted: Permission; readonly considered: readonly Grant[] };

export interface Decision {
  readonly allowed: boolean;
  readonly because: Because;
}

/** Allowed when any grant covers the wanted permission; there are no denials that could contradict, so order means nothing. */
export function decide(grants: readonly Grant[], wanted: Permission): Decision {
  const grant = grants.find(({ permission }) => permissionCovers(permission, wanted));
  if (grant === undefined) return { allowed: false, because: { rule: 'no-grant-covers', wanted, considered: [...grants] } };
  return { allowed: true, because: { rule: 'granted', grant } };
}
