import { type SecurityEvent, type Severity, severities } from './security-event.ts';

/** Which events a reader wants. Every member narrows; an absent one lets all pass. */
export interface EventFilter {
  readonly types?: readonly string[] | undefined;
  readonly minSeverity?: Severity | undefined;
  readonly subjectId?: string | undefined;
  readonly organisationId?: string | undefined;
}

export function severitiesFrom(least: Severity): readonly Severity[] {
  return severities.slice(severities.indexOf(least));
}

/** Whether the filter lets the event pass: the same decision that the log's own query makes. */
export function matchesFilter(
  filter: EventFilter,
  event: Pick<SecurityEvent, 'type' | 'severity' | 'subjectId' | 'organisationId'>,
): boolean {
  if (filter.types && !filter.types.includes(event.type)) return false;
  if (filter.minSeverity && !severitiesFrom(filter.minSeverity).includes(event.severity)) return false;
  if (filter.subjectId !== undefined && event.subjectId !== filter.subjectId) return false;
  if (filter.organisationId !== undefined && event.organisationId !== filter.organisationId) return false;
  return true;
}
