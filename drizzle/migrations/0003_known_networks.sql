CREATE TABLE "known_networks" (
	"key" "bytea" PRIMARY KEY NOT NULL,
	"account" "bytea" NOT NULL,
	"last_used_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE INDEX "known_networks_account_last_used_at_idx" ON "known_networks" USING btree ("account","last_used_at");--> statement-breakpoint
CREATE INDEX "known_networks_last_used_at_idx" ON "known_networks" USING btree ("last_used_at");