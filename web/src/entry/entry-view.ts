export type EntryView = 'sign-in' | 'register' | 'forgot-password';

/** The view that the fragment asks for, such as `/#forgot-password` from an outdated link. */
export function entryViewOf(hash: string): EntryView {
  switch (hash) {
    case '#register':
      return 'register';
    case '#forgot-password':
      return 'forgot-password';
    default:
      return 'sign-in';
  }
}
