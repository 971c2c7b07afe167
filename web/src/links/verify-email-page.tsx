import { useState } from 'react';
import { assertNever } from '../api/assert-never.ts';
import { problemOf } from '../api/form-problem.ts';
import { useSubmission } from '../api/use-submission.ts';
import { Form } from '../controls/form.tsx';
import { PageHeading } from '../layout/page-heading.tsx';
import { VerifyEmail } from './operations.ts';
import { Outcome } from './outcome.tsx';

/** Confirms an address by a click, not by the visit: mail scanners visit every link, and would use it up. */
export function VerifyEmailPage({ token }: { readonly token: string | null }) {
  const [step, setStep] = useState<'ask' | 'done' | 'invalid'>(token === null ? 'invalid' : 'ask');
  const { busy, problem, submit } = useSubmission(VerifyEmail, ({ verifyEmail }) => {
    switch (verifyEmail.__typename) {
      case 'VerifyEmailSuccess':
        setStep('done');
        return null;
      case 'TokenInvalidError':
        setStep('invalid');
        return null;
      case 'InvalidInputError':
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
          <p className="lead">One click, and this address belongs to your account.</p>
          <Form
            label="Confirm your address"
            submitLabel="Confirm my address"
            busy={busy}
            problem={problem}
            onSubmit={() => submit({ input: { token: token ?? '' } })}
          />
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
