-- What the datamodel in prisma/schema has no words for. Part of the description: the drift check applies it after the
-- datamodel, and every statement here also stands in a migration.

-- One primary address per user at most.
CREATE UNIQUE INDEX "email_addresses_primary_key" ON "email_addresses" ("user_id") WHERE "is_primary";

-- The datamodel keeps capabilities apart: no relation leads from one capability's file into another's. The rows still hang
-- together: what belongs to a user or an organisation goes with it.
ALTER TABLE "password_credentials" ADD CONSTRAINT "password_credentials_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "password_resets" ADD CONSTRAINT "password_resets_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "registrations" ADD CONSTRAINT "registrations_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisations"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "roles" ADD CONSTRAINT "roles_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisations"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "role_assignments" ADD CONSTRAINT "role_assignments_membership_fkey" FOREIGN KEY ("user_id", "organisation_id") REFERENCES "memberships"("user_id", "organisation_id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "session_policies" ADD CONSTRAINT "session_policies_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisations"("id") ON DELETE CASCADE ON UPDATE CASCADE;
