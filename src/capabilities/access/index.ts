export type { AccessStore } from './access.ports.ts';
export { prismaAccessStore } from './access.prisma.ts';
export type { Grant, Permission } from './permission.ts';
export { builtInRoles, createRole, type Role } from './role.ts';
export { type Authorize, authorize } from './use-cases/authorize.ts';
