import { useState } from 'react';
import { assertNever } from '../api/assert-never.ts';
import { problemOf } from '../api/form-problem.ts';
import { useSubmission } from '../api/use-submission.ts';
import { Form } from '../controls/form.tsx';
import { NewPasswordField } from '../controls/new-password-field.tsx';
import { TextField } from '../controls/text-field.tsx';
import { PageHeading } from '../layout/page-heading.tsx';
import { ClaimFirstAdmin } from './operations.ts';
import { Outcome } from './outcome.tsx';

/** The first administrator of a new deployment, by the one-time link that the server printed when it started. */
export function SetupPage({ token }: { readonly token: string | null }) {
  const [step, setStep] = useState<'ask' | 'done' | 'invalid'>(token === null ? 'invalid' : 'ask');
  const { busy, problem, submit } = useSubmission(ClaimFirstAdmin, ({ claimFirstAdmin }) => {
    switch (claimFirstAdmin.__typename) {
      case 'ClaimFirstAdminSuccess':
        setStep('done');
        return null;
      case 'TokenInvalidError':
        setStep('invalid');
        return null;
      case 'InvalidInputError':
      case 'PasswordRejectedError':
      case 'RateLimitedError':
        return problemOf(claimFirstAdmin);
      default:
        return assertNever(claimFirstAdmin);
    }
  });

  switch (step) {
    case 'ask':
      return (
        <>
          <PageHeading title="Set up Sallyport" />
          <p className="lead">You hold the one-time link of this new deployment: become its first administrator.</p>
          <Form
            label="Set up the first administrator"
            submitLabel="Become administrator"
            busy={busy}
            problem={problem}
            onSubmit={(values) =>
              submit({
                input: {
                  token: token ?? '',
                  displayName: values.text('displayName'),
                  email: values.text('email'),
                  password: values.text('password'),
                },
              })
            }
          >
            <TextField name="displayName" label="Your name" type="text" autoComplete="name" problem={problem} />
            <TextField name="email" label="E-mail" type="email" autoComplete="username" problem={problem} />
            <NewPasswordField name="password" label="Password" problem={problem} />
          </Form>
        </>
      );
    case 'done':
      return (
        <Outcome title="Sallyport is yours" to="/" linkLabel="Sign in">
          The first administrator is set up, and the one-time link is used up.
        </Outcome>
      );
    case 'invalid':
      return (
        <Outcome title="This link no longer works" to="/" linkLabel="Go to sign in">
          It was used already, is too old, or is incomplete. As long as there is no administrator, the server prints a new one
          when it starts.
        </Outcome>
      );
    default:
      return assertNever(step);
  }
}
