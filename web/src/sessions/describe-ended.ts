/** How many other sessions ended, in a sentence. */
export function describeEnded(count: number): string {
  if (count === 0) return 'No other session was open.';
  return count === 1 ? 'One other session was signed out.' : `${count} other sessions were signed out.`;
}
