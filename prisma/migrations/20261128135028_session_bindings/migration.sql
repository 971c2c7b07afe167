-- CreateEnum
CREATE TYPE "session_network_binding" AS ENUM ('none', 'subnet');

-- CreateEnum
CREATE TYPE "session_client_binding" AS ENUM ('none', 'family');

-- AlterTable
ALTER TABLE "session_policies" ADD COLUMN     "allowed_networks" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "client_binding" "session_client_binding" NOT NULL DEFAULT 'none',
ADD COLUMN     "network_binding" "session_network_binding" NOT NULL DEFAULT 'none';
