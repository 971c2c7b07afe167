import { useSyncExternalStore } from 'react';

export type Page = 'home' | 'verify-email' | 'reset-password' | 'setup' | 'unknown-device' | 'mailbox' | 'unknown';

const pages: ReadonlyMap<string, Page> = new Map([
  ['/', 'home'],
  ['/verify-email', 'verify-email'],
  ['/reset-password', 'reset-password'],
  ['/setup', 'setup'],
  ['/unknown-device', 'unknown-device'],
  ['/dev/mailbox', 'mailbox'],
]);

const moved = 'sallyport:moved';

/** Goes to another page of this application without loading the document anew. */
export function navigate(path: string): void {
  history.pushState(null, '', path);
  window.scrollTo(0, 0);
  window.dispatchEvent(new Event(moved));
}

/** The page that the address bar names; follows navigation and the back button. */
export function usePage(): Page {
  const path = useSyncExternalStore(subscribe, () => location.pathname);
  return pages.get(path.length > 1 ? path.replace(/\/$/, '') : path) ?? 'unknown';
}

function subscribe(onChange: () => void): () => void {
  window.addEventListener('popstate', onChange);
  window.addEventListener(moved, onChange);
  return () => {
    window.removeEventListener('popstate', onChange);
    window.removeEventListener(moved, onChange);
  };
}
