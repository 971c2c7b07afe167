ALTER TABLE "sessions" ADD COLUMN "network_binding" text;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "client_binding" text;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "allowed_networks" text[];