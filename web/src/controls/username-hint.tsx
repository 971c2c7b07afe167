/** Tells a password manager whose password is being changed. People do not see it. */
export function UsernameHint({ email }: { readonly email: string }) {
  return (
    <input
      className="visually-hidden"
      type="text"
      name="username"
      autoComplete="username"
      value={email}
      readOnly
      tabIndex={-1}
      aria-hidden="true"
    />
  );
}
