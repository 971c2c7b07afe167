import { useId } from 'react';
import { type FormProblem, fieldMessage } from '../api/form-problem.ts';
import { FieldMessage } from './field-message.tsx';

export interface TextFieldProps {
  readonly name: string;
  readonly label: string;
  readonly type: 'text' | 'email';
  readonly autoComplete: 'name' | 'username';
  readonly problem: FormProblem | null;
  readonly defaultValue?: string;
  onText?(text: string): void;
}

export function TextField({ name, label, type, autoComplete, problem, defaultValue, onText }: TextFieldProps) {
  const id = useId();
  const message = fieldMessage(problem, name);
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className="input"
        name={name}
        type={type}
        autoComplete={autoComplete}
        {...(type === 'email' ? { inputMode: 'email', autoCapitalize: 'none', spellCheck: false } : {})}
        defaultValue={defaultValue}
        required
        aria-invalid={message !== null}
        aria-describedby={message === null ? undefined : `${id}-message`}
        onChange={(event) => onText?.(event.currentTarget.value)}
      />
      <FieldMessage id={`${id}-message`} message={message} />
    </div>
  );
}
