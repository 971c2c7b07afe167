/** Shown while the first answer is on its way; the style delays it, so that a quick answer does not flicker. */
export function Loading() {
  return (
    <p className="loading" role="status">
      Loading…
    </p>
  );
}
