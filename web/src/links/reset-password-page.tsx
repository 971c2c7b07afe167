import { useState } from 'react';
import { assertNever } from '../api/assert-never.ts';
import { problemOf } from '../api/form-problem.ts';
import { useSubmission } from '../api/use-submission.ts';
import { Form } from '../controls/form.tsx';
import { NewPasswordField } from '../controls/new-password-field.tsx';
import { PageHeading } from '../layout/page-heading.tsx';
import { ResetPassword } from './operations.ts';
import { Outcome } from './outcome.tsx';

export function ResetPasswordPage({ token }: { readonly token: string | null }) {
  const [step, setStep] = useState<'ask' | 'done' | 'invalid'>(token === null ? 'invalid' : 'ask');
  const { busy, problem, submit } = useSubmission(ResetPassword, ({ resetPassword }) => {
    switch (resetPassword.__typename) {
      case 'ResetPasswordSuccess':
        setStep('done');
        return null;
      case 'TokenInvalidError':
        setStep('invalid');
        return null;
      case 'InvalidInputError':
      case 'PasswordRejectedError':
      case 'RateLimitedError':
        return problemOf(resetPassword);
      default:
        return assertNever(resetPassword);
    }
  });

  switch (step) {
    case 'ask':
      return (
        <>
          <PageHeading title="Choose a new password" />
          <p className="lead">It replaces the old one and signs out every session.</p>
          <Form
            label="Choose a new password"
            submitLabel="Save new password"
            busy={busy}
            problem={problem}
            onSubmit={(values) => submit({ input: { token: token ?? '', newPassword: values.text('newPassword') } })}
          >
            <NewPasswordField name="newPassword" label="New password" problem={problem} />
          </Form>
        </>
      );
    case 'done':
      return (
        <Outcome title="Your password is set" to="/" linkLabel="Sign in">
          Every session was signed out. Sign in with your new password.
        </Outcome>
      );
    case 'invalid':
      return (
        <Outcome title="This link no longer works" to="/#forgot-password" linkLabel="Ask for a new link">
          It was used already, is too old, or is incomplete.
        </Outcome>
      );
    default:
      return assertNever(step);
  }
}
