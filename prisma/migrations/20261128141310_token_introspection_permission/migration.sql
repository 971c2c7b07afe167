-- The role of administrators in organisations that are there already; those that come later are born with it (access/role.ts).
INSERT INTO "role_permissions" ("role_id", "permission")
SELECT "id", 'token:introspect' FROM "roles" WHERE "name" = 'admin'
ON CONFLICT DO NOTHING;
