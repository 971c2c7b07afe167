import { assertNever } from '../api/assert-never.ts';
import { messageProblem, problemOf } from '../api/form-problem.ts';
import { useSubmission } from '../api/use-submission.ts';
import { Form } from '../controls/form.tsx';
import { PasswordField } from '../controls/password-field.tsx';
import { TextField } from '../controls/text-field.tsx';
import { LoginChallengeKind, TokenDelivery } from '../gql/graphql.ts';
import type { MailSent } from './look-into-mailbox.tsx';
import { SignIn } from './operations.ts';

export interface SignInFormProps {
  readonly email: string;
  onEmail(email: string): void;
  onSent(sent: MailSent): void;
  onSignedIn(): void;
  onForgotten(): void;
}

export function SignInForm({ email, onEmail, onSent, onSignedIn, onForgotten }: SignInFormProps) {
  const { busy, problem, submit } = useSubmission(SignIn, ({ login }) => {
    switch (login.__typename) {
      case 'LoginSuccess':
        onSignedIn();
        return null;
      case 'LoginChallenge':
        switch (login.kind) {
          case LoginChallengeKind.EmailVerification:
            onSent({ reason: 'challenge', email });
            return null;
          default:
            return assertNever(login.kind);
        }
      case 'InvalidCredentialsError':
        return messageProblem('That address and password do not belong together. Check both, then try again.');
      case 'SessionLimitReachedError':
        return messageProblem('You are signed in in as many places as your organisation allows. Sign out in one of them first.');
      case 'NetworkNotAllowedError':
        return messageProblem('Your organisation lets nobody sign in from this network. Try again from the office or its VPN.');
      case 'InvalidInputError':
      case 'RateLimitedError':
      case 'ChallengeRequiredError':
        return problemOf(login);
      default:
        return assertNever(login);
    }
  });

  return (
    <>
      <Form
        label="Sign in"
        submitLabel="Sign in"
        busy={busy}
        problem={problem}
        onSubmit={(values) =>
          submit({ input: { email: values.text('email'), password: values.text('password'), delivery: TokenDelivery.Cookie } })
        }
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
        <PasswordField name="password" label="Password" autoComplete="current-password" problem={problem} />
      </Form>
      <button type="button" className="link-button" onClick={onForgotten}>
        Forgotten your password?
      </button>
    </>
  );
}
