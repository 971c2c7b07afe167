ALTER TABLE "sessions" DROP CONSTRAINT "sessions_device_id_devices_id_fk";
DROP INDEX "sessions_revoked_at_idx";
DROP INDEX "sessions_device_id_idx";
ALTER TABLE "sessions" DROP COLUMN "idle_timeout_seconds";
ALTER TABLE "sessions" DROP COLUMN "device_id";
DROP TABLE "device_reports";
DROP TABLE "devices";
