import { useState } from 'react';
import { Notice } from '../controls/notice.tsx';
import { Card } from '../layout/card.tsx';
import { describeEnded } from '../sessions/describe-ended.ts';
import { ChangePasswordForm } from './change-password-form.tsx';
import type { Viewer } from './use-account.ts';

export interface ChangePasswordCardProps {
  readonly viewer: Viewer;
  onChanged(): void;
  onSessionEnded(): void;
}

export function ChangePasswordCard({ viewer, onChanged, onSessionEnded }: ChangePasswordCardProps) {
  const [open, setOpen] = useState(false);
  const [done, setDone] = useState<string | null>(null);

  function changed(endedSessions: number): void {
    setDone(`Your password was changed. ${describeEnded(endedSessions)}`);
    setOpen(false);
    onChanged();
  }

  return (
    <Card title="Password">
      {done !== null && (
        <Notice tone="good" takesFocus>
          {done}
        </Notice>
      )}
      {open ? (
        <ChangePasswordForm viewer={viewer} onChanged={changed} onCancel={() => setOpen(false)} onSessionEnded={onSessionEnded} />
      ) : (
        <div className="row-between">
          <p className="muted">Changing it signs out every other session.</p>
          <button
            type="button"
            className="button button-quiet"
            onClick={() => {
              setDone(null);
              setOpen(true);
            }}
          >
            Change password
          </button>
        </div>
      )}
    </Card>
  );
}
