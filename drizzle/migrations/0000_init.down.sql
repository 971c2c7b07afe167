DROP TABLE "refresh_tokens";
DROP TABLE "sessions";
DROP TABLE "sign_in_throttles";
DROP TABLE "event_log";
DROP TABLE "event_outbox";
DROP TABLE "subject_keys";
DROP FUNCTION "refuse_event_log_change"();
