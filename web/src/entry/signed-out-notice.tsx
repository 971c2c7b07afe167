import type { SignedOutReason } from '../account/use-account.ts';
import { assertNever } from '../api/assert-never.ts';
import { Notice } from '../controls/notice.tsx';

export function SignedOutNotice({ reason }: { readonly reason: SignedOutReason }) {
  switch (reason) {
    case 'none':
      return null;
    case 'left':
      return <Notice tone="good">You have signed out.</Notice>;
    case 'ended':
      return <Notice tone="calm">You have been signed out: this session was ended. Sign in again to go on.</Notice>;
    default:
      return assertNever(reason);
  }
}
