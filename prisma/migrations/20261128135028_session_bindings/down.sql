-- AlterTable
ALTER TABLE "session_policies" DROP COLUMN "allowed_networks",
DROP COLUMN "client_binding",
DROP COLUMN "network_binding";

-- DropEnum
DROP TYPE "session_network_binding";

-- DropEnum
DROP TYPE "session_client_binding";
