export { graphileJobQueue, type JobWorker, migrateJobs, startJobWorker } from './graphile-jobs.ts';
export type { JobHandler, JobHandlers, JobQueue } from './job-queue.ts';
