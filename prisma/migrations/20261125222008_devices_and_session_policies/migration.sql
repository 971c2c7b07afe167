-- CreateEnum
CREATE TYPE "session_limit_action" AS ENUM ('refuse', 'evict_oldest');

-- CreateTable
CREATE TABLE "session_policies" (
    "organisation_id" TEXT NOT NULL,
    "idle_timeout_seconds" INTEGER,
    "absolute_timeout_seconds" INTEGER,
    "session_limit" INTEGER,
    "limit_action" "session_limit_action" NOT NULL DEFAULT 'evict_oldest',
    "device_trust_seconds" INTEGER,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "session_policies_pkey" PRIMARY KEY ("organisation_id")
);

-- From here on written by hand: see prisma/extras.sql.

ALTER TABLE "session_policies" ADD CONSTRAINT "session_policies_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisations"("id") ON DELETE CASCADE ON UPDATE CASCADE;
