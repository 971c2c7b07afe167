DROP TABLE "known_networks" CASCADE;
