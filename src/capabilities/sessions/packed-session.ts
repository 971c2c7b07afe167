import { type DeviceId, isId, type OrganisationId, type SessionId, type UserId } from '#kernel/ids.ts';
import type { Session } from './session.ts';
import type { SessionWithUser } from './sessions.ports.ts';

/**
 * A session with its person in two texts of one byte a character, for keeping very many: the same in objects takes four
 * times the memory, and to read it back costs a small part of a trip to the database.
 */
export interface PackedSession {
  readonly text: string;
  /** By itself, since many sessions have the same. */
  readonly userAgent: string;
}

type Fields = [
  /** Without their prefixes, which are the same in all: session, user, organisation, device or nothing. */
  ids: string,
  /** In milliseconds, to the base of 36: when it was created, then what the other times are later or earlier than that. */
  times: string,
  amr: readonly string[],
  ipAddress: string,
  displayName: string,
  email: string,
  dpopJkt: string | 0,
  idleTimeoutSeconds: number,
  /** Network, client and ranges that it is bound to; 0 for the many that are bound to nothing. */
  bindings: Bindings | 0,
];

type Bindings = Pick<Session, 'networkBinding' | 'clientBinding' | 'allowedNetworks'>;

const prefixLength = 'ses_'.length;
const bodyLength = 22;
const radix = 36;

/**
 * Only for what may be used: neither a revoked session nor one whose person is not active can be packed; then null. The
 * same for one whose ids are none of ours.
 */
export function packSession({ session, user }: SessionWithUser): PackedSession | null {
  if (session.revokedAt !== null || user.status !== 'active') return null;
  const { id, userId, organisationId, deviceId } = session;
  const ours =
    isId('ses', id) && isId('usr', userId) && isId('org', organisationId) && (deviceId === null || isId('dev', deviceId));
  if (!ours || user.id !== userId) return null;
  const createdAt = session.createdAt.getTime();
  const others = [session.authTime, session.lastUsedAt, session.idleExpiresAt, session.expiresAt, user.createdAt];
  const fields: Fields = [
    [id, userId, organisationId, deviceId ?? ''].map((each) => each.slice(prefixLength)).join(''),
    [createdAt, ...others.map((time) => time.getTime() - createdAt)].map((ms) => ms.toString(radix)).join(' '),
    session.amr,
    session.ipAddress,
    user.displayName,
    user.email,
    session.dpopJkt ?? 0,
    session.idleTimeoutSeconds ?? 0,
    bindingsOf(session),
  ];
  return { text: inOneByte(JSON.stringify(fields)), userAgent: session.userAgent };
}

export function unpackSession({ text, userAgent }: PackedSession): SessionWithUser {
  const [ids, times, amr, ipAddress, displayName, email, dpopJkt, idleTimeoutSeconds, bindings] = JSON.parse(text) as Fields;
  const [createdAt = 0, ...others] = times.split(' ').map((ms) => Number.parseInt(ms, radix));
  const [authTime, lastUsedAt, idleExpiresAt, expiresAt, userCreatedAt] = others.map((ms) => new Date(createdAt + ms)) as [
    Date,
    Date,
    Date,
    Date,
    Date,
  ];
  const idAt = (place: number) => ids.slice(place * bodyLength, (place + 1) * bodyLength);
  const userId = `usr_${idAt(1)}` as UserId;
  return {
    session: {
      id: `ses_${idAt(0)}` as SessionId,
      userId,
      organisationId: `org_${idAt(2)}` as OrganisationId,
      amr,
      authTime,
      createdAt: new Date(createdAt),
      lastUsedAt,
      idleExpiresAt,
      expiresAt,
      revokedAt: null,
      revokedReason: null,
      dpopJkt: dpopJkt === 0 ? null : dpopJkt,
      // No session has a timeout of nothing.
      idleTimeoutSeconds: idleTimeoutSeconds === 0 ? null : idleTimeoutSeconds,
      deviceId: ids.length > 3 * bodyLength ? (`dev_${idAt(3)}` as DeviceId) : null,
      ...(bindings === 0 ? unbound : bindings),
      ipAddress,
      userAgent,
    },
    user: { id: userId, displayName, email, status: 'active', createdAt: userCreatedAt },
  };
}

const unbound: Bindings = { networkBinding: null, clientBinding: null, allowedNetworks: null };

function bindingsOf({ networkBinding, clientBinding, allowedNetworks }: Bindings): Bindings | 0 {
  const isBound = networkBinding !== null || clientBinding !== null || allowedNetworks !== null;
  return isBound ? { networkBinding, clientBinding, allowedNetworks } : 0;
}

/** One letter beyond Latin-1, in a name, say, would make every letter of the text take two bytes. JSON can spell it otherwise. */
function inOneByte(json: string): string {
  return json.replace(/[^\0-\xff]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
