import { useState } from 'react';
import type { FormProblem } from '../api/form-problem.ts';
import { describeLength } from './describe-length.ts';
import { PasswordField } from './password-field.tsx';

export interface NewPasswordFieldProps {
  readonly name: string;
  readonly label: string;
  readonly problem: FormProblem | null;
  /** Known once signed in; before that the server tells it when a password is too short. */
  readonly minLength?: number;
}

/** A field for a password to be chosen. It counts characters and asks for nothing but length. */
export function NewPasswordField({ name, label, problem, minLength }: NewPasswordFieldProps) {
  const [text, setText] = useState('');
  const known = problem?.kind === 'password' ? problem.minLength : minLength;
  return (
    <PasswordField
      name={name}
      label={label}
      autoComplete="new-password"
      problem={problem}
      hint={describeLength(text, known)}
      onText={setText}
    />
  );
}
