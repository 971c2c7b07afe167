import type { FormProblem } from '../api/form-problem.ts';
import { Countdown } from './countdown.tsx';
import { Notice } from './notice.tsx';
import { useCountdown } from './use-countdown.ts';

export function WaitNotice({ wait }: { readonly wait: Extract<FormProblem, { kind: 'wait' }> }) {
  const left = useCountdown(wait.retryAfterSeconds, wait);
  return (
    <Notice tone="bad">
      {wait.busy ? 'The server is busy.' : 'Too many attempts.'} <Countdown seconds={wait.retryAfterSeconds} left={left} />
    </Notice>
  );
}
