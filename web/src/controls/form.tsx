import { type FormEvent, type ReactNode, useEffect, useRef } from 'react';
import type { FormProblem } from '../api/form-problem.ts';
import { ProblemNotice } from './problem-notice.tsx';
import { useCountdown } from './use-countdown.ts';

/** The fields' values at the moment of sending. */
export interface FormValues {
  text(name: string): string;
}

export interface FormProps {
  readonly label: string;
  readonly submitLabel: string;
  readonly busy: boolean;
  readonly problem: FormProblem | null;
  onSubmit(values: FormValues): void;
  onCancel?(): void;
  readonly children?: ReactNode;
}

/** A form that is sent by script alone. While a wait is due it stays filled in, but is not sent. */
export function Form({ label, submitLabel, busy, problem, onSubmit, onCancel, children }: FormProps) {
  const form = useRef<HTMLFormElement>(null);
  const left = useCountdown(problem?.kind === 'wait' ? problem.retryAfterSeconds : 0, problem);
  const idle = !busy && left === 0;

  useEffect(() => {
    if (problem !== null) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [problem]);

  function send(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    if (!idle) return;
    const data = new FormData(event.currentTarget);
    onSubmit({
      text(name) {
        const value = data.get(name);
        return typeof value === 'string' ? value : '';
      },
    });
  }

  return (
    <form ref={form} className="form" method="post" aria-label={label} aria-busy={busy} onSubmit={send}>
      <ProblemNotice problem={problem} />
      {children}
      <div className="form-actions">
        <button type="submit" className="button button-primary" aria-disabled={!idle}>
          {busy ? 'One moment…' : submitLabel}
        </button>
        {onCancel !== undefined && (
          <button type="button" className="button button-quiet" onClick={onCancel}>
            Cancel
          </button>
        )}
      </div>
    </form>
  );
}
