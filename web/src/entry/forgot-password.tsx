import { assertNever } from '../api/assert-never.ts';
import { problemOf } from '../api/form-problem.ts';
import { useSubmission } from '../api/use-submission.ts';
import { Form } from '../controls/form.tsx';
import { TextField } from '../controls/text-field.tsx';
import { PageHeading } from '../layout/page-heading.tsx';
import type { MailSent } from './look-into-mailbox.tsx';
import { RequestPasswordReset } from './operations.ts';

export interface ForgotPasswordProps {
  readonly email: string;
  onEmail(email: string): void;
  onSent(sent: MailSent): void;
  onBack(): void;
}

export function ForgotPassword({ email, onEmail, onSent, onBack }: ForgotPasswordProps) {
  const { busy, problem, submit } = useSubmission(RequestPasswordReset, ({ requestPasswordReset }) => {
    switch (requestPasswordReset.__typename) {
      case 'RequestPasswordResetSuccess':
        onSent({ reason: 'reset', email: requestPasswordReset.email });
        return null;
      case 'InvalidInputError':
      case 'RateLimitedError':
      case 'ChallengeRequiredError':
        return problemOf(requestPasswordReset);
      default:
        return assertNever(requestPasswordReset);
    }
  });

  return (
    <>
      <PageHeading title="A new password" />
      <p className="lead">Tell us your address, and we send you a link by which you choose a new password.</p>
      <Form
        label="Ask for a new password"
        submitLabel="Send the link"
        busy={busy}
        problem={problem}
        onSubmit={(values) => submit({ input: { email: values.text('email') } })}
      >
        <TextField
          name="email"
          label="E-mail"
          type="email"
          autoComplete="username"
          problem={problem}
          defaultValue={email}
          onText={onEmail}
        />
      </Form>
      <button type="button" className="link-button" onClick={onBack}>
        Back to sign in
      </button>
    </>
  );
}
