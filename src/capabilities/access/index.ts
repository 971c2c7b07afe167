export type { AccessStore } from './access.ports.ts';
export { prismaAccessStore } from './access.prisma.ts';
export { decide, type Grant, type Permission, permissionCovers } from './permission.ts';
export { builtInRoles, createRole, type Role } from './role.ts';
export { type Authorize, authorize } from './use-cases/authorize.ts';
