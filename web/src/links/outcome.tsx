import type { ReactNode } from 'react';
import { PageHeading } from '../layout/page-heading.tsx';
import { Link } from '../routing/link.tsx';

export interface OutcomeProps {
  readonly title: string;
  readonly to: string;
  readonly linkLabel: string;
  readonly children: ReactNode;
}

/** How following a mailed link ended, and where to go from there. */
export function Outcome({ title, to, linkLabel, children }: OutcomeProps) {
  return (
    <>
      <PageHeading title={title} />
      <p className="lead">{children}</p>
      <div className="form-actions">
        <Link to={to} className="button button-primary">
          {linkLabel}
        </Link>
      </div>
    </>
  );
}
