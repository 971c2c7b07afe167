import { EventSeverity } from '../gql/graphql.ts';

const words: Readonly<Record<EventSeverity, string | null>> = {
  [EventSeverity.Info]: null,
  [EventSeverity.Notice]: null,
  [EventSeverity.Warning]: 'Warning',
  [EventSeverity.Critical]: 'Critical',
};

/** Says in a word what the colour of the row says, from a warning upwards. */
export function SeverityBadge({ severity }: { readonly severity: EventSeverity }) {
  const word = words[severity];
  return word === null ? null : (
    <span className="badge" data-tone={severity}>
      {word}
    </span>
  );
}
