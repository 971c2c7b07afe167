-- DropForeignKey
ALTER TABLE "public"."password_credentials" DROP CONSTRAINT "password_credentials_user_id_fkey";

-- DropForeignKey
ALTER TABLE "public"."password_resets" DROP CONSTRAINT "password_resets_user_id_fkey";

-- DropForeignKey
ALTER TABLE "public"."registrations" DROP CONSTRAINT "registrations_organisation_id_fkey";

-- DropForeignKey
ALTER TABLE "public"."roles" DROP CONSTRAINT "roles_organisation_id_fkey";

-- DropForeignKey
ALTER TABLE "public"."role_assignments" DROP CONSTRAINT "role_assignments_membership_fkey";

-- DropForeignKey
ALTER TABLE "public"."role_permissions" DROP CONSTRAINT "role_permissions_role_id_fkey";

-- DropForeignKey
ALTER TABLE "public"."role_assignments" DROP CONSTRAINT "role_assignments_role_id_fkey";

-- DropForeignKey
ALTER TABLE "public"."email_addresses" DROP CONSTRAINT "email_addresses_user_id_fkey";

-- DropForeignKey
ALTER TABLE "public"."accounts" DROP CONSTRAINT "accounts_user_id_fkey";

-- DropForeignKey
ALTER TABLE "public"."memberships" DROP CONSTRAINT "memberships_user_id_fkey";

-- DropForeignKey
ALTER TABLE "public"."memberships" DROP CONSTRAINT "memberships_organisation_id_fkey";

-- DropTable
DROP TABLE "public"."roles";

-- DropTable
DROP TABLE "public"."role_permissions";

-- DropTable
DROP TABLE "public"."role_assignments";

-- DropTable
DROP TABLE "public"."registrations";

-- DropTable
DROP TABLE "public"."bootstrap_tokens";

-- DropTable
DROP TABLE "public"."organisations";

-- DropTable
DROP TABLE "public"."users";

-- DropTable
DROP TABLE "public"."email_addresses";

-- DropTable
DROP TABLE "public"."accounts";

-- DropTable
DROP TABLE "public"."memberships";

-- DropTable
DROP TABLE "public"."signing_keys";

-- DropTable
DROP TABLE "public"."password_credentials";

-- DropTable
DROP TABLE "public"."password_resets";

-- DropEnum
DROP TYPE "public"."user_status";
