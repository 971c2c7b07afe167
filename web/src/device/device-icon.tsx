export function DeviceIcon({ handheld }: { readonly handheld: boolean }) {
  return (
    <svg className="device-icon" viewBox="0 0 24 24" aria-hidden="true">
      {handheld ? (
        <path d="M8.5 3h7A1.5 1.5 0 0 1 17 4.5v15a1.5 1.5 0 0 1-1.5 1.5h-7A1.5 1.5 0 0 1 7 19.5v-15A1.5 1.5 0 0 1 8.5 3zM11 18h2" />
      ) : (
        <path d="M5 5h14a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1zM2.5 19.5h19" />
      )}
    </svg>
  );
}
