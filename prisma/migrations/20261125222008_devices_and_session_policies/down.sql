-- DropTable
DROP TABLE "session_policies";

-- DropEnum
DROP TYPE "session_limit_action";
