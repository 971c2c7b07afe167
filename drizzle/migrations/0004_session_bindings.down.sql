ALTER TABLE "sessions" DROP COLUMN "network_binding";
ALTER TABLE "sessions" DROP COLUMN "client_binding";
ALTER TABLE "sessions" DROP COLUMN "allowed_networks";
