import type { DeviceId, OrganisationId, SessionId, UserId } from '#kernel/ids.ts';
import type { SessionWithUser } from './sessions.ports.ts';

/**
 * A session with its person as one text, for keeping very many: the same in objects takes four times the memory, and to
 * read it back costs less than a hundredth of a trip to the database.
 */
export type PackedSession = string;

type Fields = [
  id: string,
  userId: string,
  organisationId: string,
  amr: readonly string[],
  authTime: number,
  createdAt: number,
  lastUsedAt: number,
  idleExpiresAt: number,
  expiresAt: number,
  ipAddress: string,
  userAgent: string,
  displayName: string,
  email: string,
  userCreatedAt: number,
  dpopJkt: string | null,
  idleTimeoutSeconds: number | null,
  deviceId: string | null,
  networkBinding: 'subnet' | null,
  clientBinding: 'family' | null,
  allowedNetworks: readonly string[] | null,
];

/** Only for what may be used: neither a revoked session nor one whose person is not active can be packed; then null. */
export function packSession({ session, user }: SessionWithUser): PackedSession | null {
  if (session.revokedAt !== null || user.status !== 'active') return null;
  const fields: Fields = [
    session.id,
    session.userId,
    session.organisationId,
    session.amr,
    session.authTime.getTime(),
    session.createdAt.getTime(),
    session.lastUsedAt.getTime(),
    session.idleExpiresAt.getTime(),
    session.expiresAt.getTime(),
    session.ipAddress,
    session.userAgent,
    user.displayName,
    user.email,
    user.createdAt.getTime(),
    session.dpopJkt,
    session.idleTimeoutSeconds,
    session.deviceId,
    session.networkBinding,
    session.clientBinding,
    session.allowedNetworks,
  ];
  return JSON.stringify(fields);
}

export function unpackSession(packed: PackedSession): SessionWithUser {
  const [
    id,
    userId,
    organisationId,
    amr,
    authTime,
    createdAt,
    lastUsedAt,
    idleExpiresAt,
    expiresAt,
    ipAddress,
    userAgent,
    displayName,
    email,
    userCreatedAt,
    dpopJkt,
    idleTimeoutSeconds,
    deviceId,
    networkBinding,
    clientBinding,
    allowedNetworks,
  ] = JSON.parse(packed) as Fields;
  return {
    session: {
      id: id as SessionId,
      userId: userId as UserId,
      organisationId: organisationId as OrganisationId,
      amr,
      authTime: new Date(authTime),
      createdAt: new Date(createdAt),
      lastUsedAt: new Date(lastUsedAt),
      idleExpiresAt: new Date(idleExpiresAt),
      expiresAt: new Date(expiresAt),
      revokedAt: null,
      revokedReason: null,
      dpopJkt,
      idleTimeoutSeconds,
      deviceId: deviceId as DeviceId | null,
      networkBinding,
      clientBinding,
      allowedNetworks,
      ipAddress,
      userAgent,
    },
    user: { id: userId as UserId, displayName, email, status: 'active', createdAt: new Date(userCreatedAt) },
  };
}
