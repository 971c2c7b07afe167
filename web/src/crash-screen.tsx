import { Component, type ReactNode } from 'react';

/** Catches a defect of the page itself, so that the person sees words instead of nothing. */
export class CrashScreen extends Component<{ readonly children: ReactNode }, { readonly crashed: boolean }> {
  override state = { crashed: false };

  static getDerivedStateFromError(): { readonly crashed: boolean } {
    return { crashed: true };
  }

  override render(): ReactNode {
    if (!this.state.crashed) return this.props.children;
    return (
      <main className="crash" role="alert">
        <h1>This page has failed</h1>
        <p>Nothing of your account was lost. Load the page again to go on.</p>
        <button type="button" className="button button-primary" onClick={() => location.reload()}>
          Load again
        </button>
      </main>
    );
  }
}
