import { useState } from 'react';
import { assertNever } from '../api/assert-never.ts';
import { problemOf } from '../api/form-problem.ts';
import { useSubmission } from '../api/use-submission.ts';
import { Form } from '../controls/form.tsx';
import { PageHeading } from '../layout/page-heading.tsx';
import { ReportUnknownDevice } from './operations.ts';
import { Outcome } from './outcome.tsx';

/** "This was not me": by a click, not by the visit, since mail scanners visit every link and would sign people out. */
export function UnknownDevicePage({ token }: { readonly token: string | null }) {
  const [step, setStep] = useState<'ask' | 'done' | 'invalid'>(token === null ? 'invalid' : 'ask');
  const { busy, problem, submit } = useSubmission(ReportUnknownDevice, ({ reportUnknownDevice }) => {
    switch (reportUnknownDevice.__typename) {
      case 'ReportUnknownDeviceSuccess':
        setStep('done');
        return null;
      case 'TokenInvalidError':
        setStep('invalid');
        return null;
      case 'InvalidInputError':
      case 'RateLimitedError':
        return problemOf(reportUnknownDevice);
      default:
        return assertNever(reportUnknownDevice);
    }
  });

  switch (step) {
    case 'ask':
      return (
        <>
          <PageHeading title="Was this not you?" />
          <p className="lead">
            Then somebody knows your password. We sign you out everywhere, switch your password off, and send you a mail to set a
            new one. Where you are signed in yourself, you stay so.
          </p>
          <Form
            label="Report the sign-in"
            submitLabel="It was not me"
            busy={busy}
            problem={problem}
            onSubmit={() => submit({ input: { token: token ?? '' } })}
          />
        </>
      );
    case 'done':
      return (
        <Outcome title="That device is signed out" to="/" linkLabel="Go to the first page">
          Your old password no longer works. Look into your mailbox: there is a link to set a new one, good for an hour. Use a
          password that you use nowhere else.
        </Outcome>
      );
    case 'invalid':
      return (
        <Outcome title="This link no longer works" to="/#forgot-password" linkLabel="Set a new password">
          It was used already, is too old, or is incomplete. If somebody else may know your password, set a new one: that signs
          out every session.
        </Outcome>
      );
    default:
      return assertNever(step);
  }
}
