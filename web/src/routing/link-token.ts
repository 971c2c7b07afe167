import { useSyncExternalStore } from 'react';

/** The secret of a mailed link. `serial` differs for each link that was followed, so that a page can start afresh. */
export interface LinkToken {
  readonly value: string | null;
  readonly serial: number;
}

let current: LinkToken = { value: null, serial: 0 };

/**
 * Takes the token out of the fragment and removes it from the address bar at once: it stays neither in the history
 * nor in a screenshot or a copied address. To be called before the first render.
 */
export function takeLinkToken(): void {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token === null) return;
  history.replaceState(null, '', location.pathname + location.search);
  current = { value: token === '' ? null : token, serial: current.serial + 1 };
}

export function useLinkToken(): LinkToken {
  return useSyncExternalStore(subscribe, () => current);
}

/** A second link opened in the same tab changes only the fragment, which loads no document. */
function subscribe(onChange: () => void): () => void {
  const take = () => {
    takeLinkToken();
    onChange();
  };
  window.addEventListener('hashchange', take);
  return () => window.removeEventListener('hashchange', take);
}
