import type { ReactNode } from 'react';
import { Brand } from './brand.tsx';

export interface AppFrameProps {
  /** What the page belongs to, such as the organisation. */
  readonly context: string;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** The frame of the pages with a top bar: the account and the development mailbox. */
export function AppFrame({ context, actions, children }: AppFrameProps) {
  return (
    <div className="app">
      <header className="topbar">
        <div className="topbar-inner">
          <Brand />
          <p className="topbar-context">{context}</p>
          <div className="topbar-actions">{actions}</div>
        </div>
      </header>
      <main className="app-main">{children}</main>
    </div>
  );
}
