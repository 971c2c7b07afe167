import { useState } from 'react';
import type { Viewer } from '../account/use-account.ts';
import { Notice } from '../controls/notice.tsx';
import { Card } from '../layout/card.tsx';
import { RevokeOthersButton } from './revoke-others-button.tsx';
import { SessionRow } from './session-row.tsx';

export interface SessionsCardProps {
  readonly sessions: Viewer['sessions'];
  onChanged(): void;
  onShowMore(): void;
  onSessionEnded(): void;
}

export function SessionsCard({ sessions, onChanged, onShowMore, onSessionEnded }: SessionsCardProps) {
  const [done, setDone] = useState<string | null>(null);
  // One's own session stays on top while others come and go.
  const rows = sessions.edges.map((edge) => edge.node).sort((a, b) => Number(b.isCurrent) - Number(a.isCurrent));

  function ended(message: string): void {
    setDone(message);
    onChanged();
  }

  return (
    <Card
      title="Where you are signed in"
      aside={rows.some((session) => !session.isCurrent) && <RevokeOthersButton onEnded={ended} onSessionEnded={onSessionEnded} />}
    >
      {done !== null && (
        <Notice tone="good" takesFocus key={done}>
          {done}
        </Notice>
      )}
      <ul className="sessions">
        {rows.map((session) => (
          <SessionRow key={session.id} session={session} onEnded={ended} onSessionEnded={onSessionEnded} />
        ))}
      </ul>
      {sessions.pageInfo.hasNextPage && (
        <button type="button" className="button button-quiet" onClick={onShowMore}>
          Show more
        </button>
      )}
    </Card>
  );
}
