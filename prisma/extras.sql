-- What the datamodel in prisma/schema has no words for. Part of the description: the drift check applies it after the
-- datamodel, and every statement here also stands in a migration.

-- One primary address per user at most.
CREATE UNIQUE INDEX "email_addresses_primary_key" ON "email_addresses" ("user_id") WHERE "is_primary";
