import DataLoader from 'dataloader';
import type { Actor } from '#kernel/actor.ts';
import { builder, type GraphqlContext } from '#transport/graphql/builder.ts';

export const UserStatus = builder.enumType('UserStatus', {
  description: 'Whether a person can use the account.',
  values: {
    ACTIVE: { value: 'active' },
    SUSPENDED: { value: 'suspended', description: 'Can neither sign in nor act.' },
  } as const,
});

/** The reader's own id. For nobody, an id that no row has: what is not the reader's own is not found, not forbidden. */
function ownId(actor: Actor): string {
  return actor.kind === 'user' ? actor.userId : '';
}

export const User = builder.prismaNode('User', {
  description: 'A person.',
  id: { field: 'id' },
  findUnique: (id, { actor }) => ({ id, AND: { id: ownId(actor) } }),
  nullable: true,
  fields: (t) => ({
    displayName: t.exposeString('displayName', { description: 'What the person wants to be called.' }),
    email: t.string({
      description: 'The primary address.',
      resolve: (user, _args, context) => knownEmail(user) ?? primaryEmails(context).load(user.id),
    }),
    status: t.expose('status', { type: UserStatus }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    emailAddresses: t.prismaField({
      type: ['EmailAddress'],
      description: 'All addresses, the primary one first.',
      // No relation: that reads the person again by `findUnique`, and who signs in or confirms an address is nobody yet.
      resolve: (query, { id }, _args, { prisma }) =>
        prisma.emailAddress.findMany({
          ...query,
          where: { userId: id },
          orderBy: [{ isPrimary: 'desc' }, { createdAt: 'asc' }],
        }),
    }),
  }),
});

builder.prismaNode('EmailAddress', {
  description: 'An address by which a person can be reached and found.',
  id: { field: 'id' },
  findUnique: (id, { actor }) => ({ id, userId: ownId(actor) }),
  nullable: true,
  fields: (t) => ({
    address: t.exposeString('address'),
    isPrimary: t.exposeBoolean('isPrimary'),
    verifiedAt: t.expose('verifiedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When its reader confirmed it; null until then.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
  }),
});

export const Organisation = builder.prismaNode('Organisation', {
  description: 'A tenant: people, roles and policies of its own.',
  id: { field: 'id' },
  findUnique: (id, { actor }) => ({ id, memberships: { some: { userId: ownId(actor) } } }),
  nullable: true,
  fields: (t) => ({
    slug: t.exposeString('slug', { description: 'Its name in addresses.' }),
    name: t.exposeString('name'),
    passwordMinLength: t.exposeInt('passwordMinLength', {
      description: 'Least length of its members’ passwords, in code points.',
    }),
  }),
});

/** Who was read together with the session has the address already. */
function knownEmail(user: object): string | undefined {
  return 'email' in user && typeof user.email === 'string' ? user.email : undefined;
}

const loaders = new WeakMap<GraphqlContext, DataLoader<string, string>>();

/** One statement for all users of one request. */
function primaryEmails(context: GraphqlContext): DataLoader<string, string> {
  const existing = loaders.get(context);
  if (existing) return existing;
  const loader = new DataLoader<string, string>(async (userIds) => {
    const rows = await context.prisma.emailAddress.findMany({
      where: { userId: { in: [...userIds] }, isPrimary: true },
      select: { userId: true, address: true },
    });
    const byUser = new Map(rows.map(({ userId, address }) => [userId, address]));
    return userIds.map((userId) => byUser.get(userId) ?? new Error('the user has no primary address'));
  });
  loaders.set(context, loader);
  return loader;
}
