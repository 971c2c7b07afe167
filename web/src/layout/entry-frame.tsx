import type { ReactNode } from 'react';
import { Brand } from './brand.tsx';
import { WallScene } from './wall-scene.tsx';

/** The frame of every page that a person sees before being signed in. */
export function EntryFrame({ children }: { readonly children: ReactNode }) {
  return (
    <div className="entry">
      <header className="entry-brand">
        <Brand />
        <p className="entry-line">Your account, and everyone signed in to it, in plain sight.</p>
        <WallScene />
      </header>
      <main className="entry-main">
        <div className="entry-panel">{children}</div>
      </main>
    </div>
  );
}
