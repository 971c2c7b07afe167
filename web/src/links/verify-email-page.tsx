import { useState } from 'react';
import { assertNever } from '../api/assert-never.ts';
import { messageProblem, problemOf } from '../api/form-problem.ts';
import { useSubmission } from '../api/use-submission.ts';
import { Form } from '../controls/form.tsx';
import { NewPasswordField } from '../controls/new-password-field.tsx';
import { PasswordField } from '../controls/password-field.tsx';
import { TextField } from '../controls/text-field.tsx';
import { PageHeading } from '../layout/page-heading.tsx';
import { VerifyEmail } from './operations.ts';
import { Outcome } from './outcome.tsx';

/**
 * Confirms an address by the link and a password that is entered here. Not by the visit alone: mail scanners visit every
 * link, and a stranger may have signed up with the address, whose password the link must not bind.
 */
export function VerifyEmailPage({ token }: { readonly token: string | null }) {
  const [step, setStep] = useState<'ask' | 'anew' | 'done' | 'invalid'>(token === null ? 'invalid' : 'ask');
  const { busy, problem, submit } = useSubmission(VerifyEmail, ({ verifyEmail }) => {
    switch (verifyEmail.__typename) {
      case 'VerifyEmailSuccess':
        setStep('done');
        return null;
      case 'TokenInvalidError':
        setStep('invalid');
        return null;
      case 'WrongPasswordError':
        return messageProblem('That is not the password this sign-up was made with. Try again, or choose another below.');
      case 'InvalidInputError':
      case 'PasswordRejectedError':
      case 'RateLimitedError':
        return problemOf(verifyEmail);
      default:
        return assertNever(verifyEmail);
    }
  });

  switch (step) {
    case 'ask':
      return (
        <>
          <PageHeading title="Confirm your address" />
          <p className="lead">Enter the password that you chose when you signed up.</p>
          <Form
            key="ask"
            label="Confirm your address"
            submitLabel="Confirm my address"
            busy={busy}
            problem={problem}
            onSubmit={(values) => submit({ input: { token: token ?? '', password: values.text('password') } })}
          >
            <PasswordField name="password" label="Password" autoComplete="current-password" problem={problem} />
          </Form>
          <button type="button" className="link-button" onClick={() => setStep('anew')}>
            Don’t know it? Choose another password
          </button>
        </>
      );
    case 'anew':
      return (
        <>
          <PageHeading title="Choose a password" />
          <p className="lead">It replaces the one that was chosen at sign-up, by you or by whoever used your address.</p>
          <Form
            key="anew"
            label="Choose a password"
            submitLabel="Confirm my address"
            busy={busy}
            problem={problem}
            onSubmit={(values) =>
              submit({
                input: {
                  token: token ?? '',
                  displayName: values.text('displayName'),
                  newPassword: values.text('newPassword'),
                },
              })
            }
          >
            <TextField name="displayName" label="Your name" type="text" autoComplete="name" problem={problem} />
            <NewPasswordField name="newPassword" label="New password" problem={problem} />
          </Form>
        </>
      );
    case 'done':
      return (
        <Outcome title="Your address is confirmed" to="/" linkLabel="Sign in">
          That was all. You can sign in now.
        </Outcome>
      );
    case 'invalid':
      return (
        <Outcome title="This link no longer works" to="/" linkLabel="Go to sign in">
          It was used already, is too old, or is incomplete, or a newer mail has taken its place: use the newest link. If your
          address is not confirmed yet, sign in with your password, and a new link is mailed.
        </Outcome>
      );
    default:
      return assertNever(step);
  }
}
