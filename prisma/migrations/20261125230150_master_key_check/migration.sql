-- CreateTable
CREATE TABLE "master_key_checks" (
    "id" TEXT NOT NULL,
    "sealed" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "master_key_checks_pkey" PRIMARY KEY ("id")
);
