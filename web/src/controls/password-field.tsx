import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { type FormProblem, fieldMessage } from '../api/form-problem.ts';
import { FieldMessage } from './field-message.tsx';

export interface PasswordFieldProps {
  readonly name: string;
  readonly label: string;
  readonly autoComplete: 'current-password' | 'new-password';
  readonly problem: FormProblem | null;
  /** Takes the focus when it appears, for a form that a button opened. */
  readonly autoFocus?: boolean;
  /** Stands under the field, linked to it for screen readers. */
  readonly hint?: ReactNode;
  onText?(text: string): void;
}

export function PasswordField({ name, label, autoComplete, problem, autoFocus = false, hint, onText }: PasswordFieldProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [shown, setShown] = useState(false);
  const message = fieldMessage(problem, name);
  const rejected = problem?.kind === 'password' && autoComplete === 'new-password';

  useEffect(() => {
    if (autoFocus) input.current?.focus();
  }, [autoFocus]);

  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="input-with-button">
        <input
          id={id}
          ref={input}
          className="input"
          name={name}
          type={shown ? 'text' : 'password'}
          autoComplete={autoComplete}
          autoCapitalize="none"
          autoCorrect="off"
          spellCheck={false}
          required
          aria-invalid={message !== null || rejected}
          aria-describedby={`${id}-hint ${id}-message`}
          onChange={(event) => onText?.(event.currentTarget.value)}
        />
        <button type="button" className="input-button" aria-controls={id} aria-pressed={shown} onClick={() => setShown(!shown)}>
          {shown ? 'Hide' : 'Show'}
          <span className="visually-hidden"> {label.toLowerCase()}</span>
        </button>
      </div>
      {hint !== undefined && (
        <p id={`${id}-hint`} className="field-hint">
          {hint}
        </p>
      )}
      <FieldMessage id={`${id}-message`} message={message} />
    </div>
  );
}
