import { assertNever } from '../api/assert-never.ts';
import { messageProblem, problemOf } from '../api/form-problem.ts';
import { useSubmission } from '../api/use-submission.ts';
import { Form } from '../controls/form.tsx';
import { NewPasswordField } from '../controls/new-password-field.tsx';
import { PasswordField } from '../controls/password-field.tsx';
import { UsernameHint } from '../controls/username-hint.tsx';
import { ChangePassword } from './change-password.ts';
import type { Viewer } from './use-account.ts';

export interface ChangePasswordFormProps {
  readonly viewer: Viewer;
  onChanged(endedSessions: number): void;
  onCancel(): void;
  onSessionEnded(): void;
}

export function ChangePasswordForm({ viewer, onChanged, onCancel, onSessionEnded }: ChangePasswordFormProps) {
  const { busy, problem, submit } = useSubmission(ChangePassword, ({ changePassword }) => {
    switch (changePassword.__typename) {
      case 'ChangePasswordSuccess':
        onChanged(changePassword.revokedSessionCount);
        return null;
      case 'InvalidCredentialsError':
        return messageProblem('The current password is not right.');
      case 'UnauthenticatedError':
        onSessionEnded();
        return null;
      case 'InvalidInputError':
      case 'PasswordRejectedError':
      case 'RateLimitedError':
        return problemOf(changePassword);
      default:
        return assertNever(changePassword);
    }
  });

  return (
    <Form
      label="Change password"
      submitLabel="Save new password"
      busy={busy}
      problem={problem}
      onCancel={onCancel}
      onSubmit={(values) =>
        submit({ input: { currentPassword: values.text('currentPassword'), newPassword: values.text('newPassword') } })
      }
    >
      <UsernameHint email={viewer.user.email} />
      <PasswordField
        name="currentPassword"
        label="Current password"
        autoComplete="current-password"
        problem={problem}
        autoFocus
      />
      <NewPasswordField
        name="newPassword"
        label="New password"
        problem={problem}
        minLength={viewer.organisation.passwordMinLength}
      />
    </Form>
  );
}
