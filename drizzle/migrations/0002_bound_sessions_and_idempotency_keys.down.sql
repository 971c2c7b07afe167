DROP TABLE "idempotency_keys" CASCADE;
ALTER TABLE "sessions" DROP COLUMN "dpop_jkt";
