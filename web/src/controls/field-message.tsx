export function FieldMessage({ id, message }: { readonly id: string; readonly message: string | null }) {
  return message === null ? null : (
    <p id={id} className="field-message">
      {message}
    </p>
  );
}
