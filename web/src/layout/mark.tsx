/** The mark: a sallyport, a small gate in a wall. Decoration beside the name, so it is hidden from screen readers. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true">
      <path className="mark-wall" d="M2 5h6v4h5V5h6v4h5V5h6v23H2z" />
      <path className="mark-gate" d="M9 28V19.5a7 7 0 0 1 14 0V28z" />
      <path className="mark-bars" d="M13.5 12v11M18.5 12v11M9 18h14" />
    </svg>
  );
}
