import { useCallback, useEffect, useRef, useState } from 'react';
import { execute } from '../api/execute.ts';
import { RequestFailure } from '../api/request-failure.ts';
import type { AccountQuery } from '../gql/graphql.ts';
import { Account } from './account.ts';

export type Viewer = NonNullable<AccountQuery['viewer']>;

/** Why nobody is signed in: they never were, they left, or the session was ended from elsewhere. */
export type SignedOutReason = 'none' | 'left' | 'ended';

export type AccountState =
  | { readonly status: 'loading' }
  | { readonly status: 'failed'; readonly failure: RequestFailure }
  | { readonly status: 'signed-out'; readonly reason: SignedOutReason }
  | { readonly status: 'signed-in'; readonly viewer: Viewer };

export interface AccountStore {
  readonly state: AccountState;
  reload(): void;
  showMoreSessions(): void;
  signedOut(reason: SignedOutReason): void;
}

const sessionsPerPage = 20;

/** Loads who is signed in, with the sessions, and keeps it until told that it changed. */
export function useAccount(): AccountStore {
  const [state, setState] = useState<AccountState>({ status: 'loading' });
  const sessions = useRef(sessionsPerPage);
  const latest = useRef(0);

  const reload = useCallback(() => {
    // Answers may overtake each other: only the one asked for last counts.
    const request = ++latest.current;
    const settle = (next: (before: AccountState) => AccountState) => {
      if (request === latest.current) setState(next);
    };
    execute(Account, { sessions: sessions.current }).then(
      ({ viewer }) => settle((before) => (viewer === null ? signedOutFrom(before) : { status: 'signed-in', viewer })),
      (failure: unknown) => settle((before) => failedFrom(before, failure)),
    );
  }, []);

  const showMoreSessions = useCallback(() => {
    sessions.current += sessionsPerPage;
    reload();
  }, [reload]);

  const signedOut = useCallback((reason: SignedOutReason) => {
    latest.current += 1;
    // Whoever has left by themselves is not told that the session was ended, though that is noticed by the live feed too.
    setState((before) => (before.status === 'signed-out' && reason === 'ended' ? before : { status: 'signed-out', reason }));
  }, []);

  useEffect(reload, [reload]);
  return { state, reload, showMoreSessions, signedOut };
}

function signedOutFrom(before: AccountState): AccountState {
  if (before.status === 'signed-out') return before;
  return { status: 'signed-out', reason: before.status === 'signed-in' ? 'ended' : 'none' };
}

/** A refresh that fails leaves what is shown; the live indicator tells of the lost connection. */
function failedFrom(before: AccountState, failure: unknown): AccountState {
  if (before.status === 'signed-in') return before;
  return {
    status: 'failed',
    failure: failure instanceof RequestFailure ? failure : new RequestFailure('defect', { cause: failure }),
  };
}
