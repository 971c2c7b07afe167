export { type MigrationFolders, type Orm, projectFolders } from './files.ts';
export { type RollbackOptions, rollback } from './rollback.ts';
export { rollbackLosses } from './rollback-losses.ts';
export { type MigrationStatus, pending, status } from './status.ts';
export { type MigrateOptions, migrateUp } from './up.ts';
