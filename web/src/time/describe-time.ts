const relative = new Intl.RelativeTimeFormat('en-GB', { numeric: 'auto' });
const absolute = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long' });

const steps: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/** "3 minutes ago" for an RFC 3339 time; anything under a minute, or ahead by a wrong clock, is "just now". */
export function describeRelative(iso: string, nowMs: number): string {
  const seconds = (nowMs - Date.parse(iso)) / 1000;
  for (const [unit, size] of steps) {
    if (seconds >= size) return relative.format(-Math.floor(seconds / size), unit);
  }
  return 'just now';
}

/** "23 Nov 2025, 14:05" in the zone of the browser. */
export function describeAbsolute(iso: string): string {
  return absolute.format(new Date(iso));
}

/** "23 November 2025" in the zone of the browser. */
export function describeDay(iso: string): string {
  return day.format(new Date(iso));
}
