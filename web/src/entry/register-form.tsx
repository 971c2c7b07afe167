import { assertNever } from '../api/assert-never.ts';
import { problemOf } from '../api/form-problem.ts';
import { useSubmission } from '../api/use-submission.ts';
import { Form } from '../controls/form.tsx';
import { NewPasswordField } from '../controls/new-password-field.tsx';
import { TextField } from '../controls/text-field.tsx';
import type { MailSent } from './look-into-mailbox.tsx';
import { Register } from './operations.ts';

export interface RegisterFormProps {
  readonly email: string;
  onEmail(email: string): void;
  onSent(sent: MailSent): void;
}

export function RegisterForm({ email, onEmail, onSent }: RegisterFormProps) {
  const { busy, problem, submit } = useSubmission(Register, ({ register }) => {
    switch (register.__typename) {
      case 'RegisterSuccess':
        onSent({ reason: 'registration', email: register.email });
        return null;
      case 'InvalidInputError':
      case 'PasswordRejectedError':
      case 'RateLimitedError':
      case 'ChallengeRequiredError':
        return problemOf(register);
      default:
        return assertNever(register);
    }
  });

  return (
    <Form
      label="Register"
      submitLabel="Create account"
      busy={busy}
      problem={problem}
      onSubmit={(values) =>
        submit({
          input: { displayName: values.text('displayName'), email: values.text('email'), password: values.text('password') },
        })
      }
    >
      <TextField name="displayName" label="Your name" type="text" autoComplete="name" problem={problem} />
      <TextField
        name="email"
        label="E-mail"
        type="email"
        autoComplete="username"
        problem={problem}
        defaultValue={email}
        onText={onEmail}
      />
      <NewPasswordField name="password" label="Password" problem={problem} />
    </Form>
  );
}
