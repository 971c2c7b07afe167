-- What drizzle/schema has no words for. Part of the description: the drift check applies it after the tables, and every
-- statement here also stands in a migration.

-- users and organisations are tables of Prisma's, so Drizzle's description cannot refer to them. A session dies with its
-- user; an organisation is not deleted while somebody is signed in to it.
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE CASCADE;
--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_organisation_id_organisations_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisations"("id") ON DELETE RESTRICT;
--> statement-breakpoint
ALTER TABLE "devices" ADD CONSTRAINT "devices_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE CASCADE;
--> statement-breakpoint
-- PostgreSQL itself keeps the log insert-only, whatever the program does. ALWAYS: also for a session that has switched
-- ordinary triggers off by session_replication_role.
CREATE FUNCTION "refuse_event_log_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'event_log is insert-only: % refused', TG_OP USING ERRCODE = 'restrict_violation';
END
$$;
--> statement-breakpoint
CREATE TRIGGER "event_log_insert_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "event_log" FOR EACH STATEMENT EXECUTE FUNCTION "refuse_event_log_change"();
--> statement-breakpoint
ALTER TABLE "event_log" ENABLE ALWAYS TRIGGER "event_log_insert_only";
