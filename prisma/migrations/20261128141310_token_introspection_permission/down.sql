DELETE FROM "role_permissions" WHERE "permission" = 'token:introspect' AND "role_id" IN (SELECT "id" FROM "roles" WHERE "name" = 'admin');
