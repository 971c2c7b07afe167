import type { Database } from '#platform/db/index.ts';
import type { AccessStore } from './access.ports.ts';

export function prismaAccessStore(db: Database): AccessStore {
  return {
    listGrants: async (userId, organisationId) => {
      const assignments = await db.prisma.roleAssignment.findMany({
        where: { userId, organisationId },
        select: { role: { select: { name: true, permissions: { select: { permission: true } } } } },
      });
      return assignments.flatMap(({ role }) => role.permissions.map(({ permission }) => ({ role: role.name, permission })));
    },
    addRoles: async (tx, roles, at) => {
      for (const { permissions, ...role } of roles) {
        const existing = await tx.prisma.role.findUnique({
          where: { organisationId_name: { organisationId: role.organisationId, name: role.name } },
        });
        if (existing) continue;
        await tx.prisma.role.create({
          data: { ...role, createdAt: at, permissions: { create: permissions.map((permission) => ({ permission })) } },
        });
      }
    },
    assignRole: async (tx, userId, organisationId, name, at) => {
      const role = await tx.prisma.role.findUniqueOrThrow({ where: { organisationId_name: { organisationId, name } } });
      await tx.prisma.roleAssignment.create({ data: { userId, organisationId, roleId: role.id, createdAt: at } });
    },
    hasAnyHolder: async (name) => (await db.prisma.roleAssignment.count({ where: { role: { name } }, take: 1 })) > 0,
  };
}
