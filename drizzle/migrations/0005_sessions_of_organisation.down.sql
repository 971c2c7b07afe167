DROP INDEX "sessions_organisation_id_id_idx";
