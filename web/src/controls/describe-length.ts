/** What the hint under a new password says. Characters are counted as people see them, as code points at most. */
export function describeLength(text: string, minLength: number | undefined): string {
  const length = [...text.normalize('NFC')].length;
  if (length === 0) {
    return minLength === undefined
      ? 'Length is what counts: a few words in a row are good.'
      : `At least ${minLength} characters; a few words in a row are good.`;
  }
  const counted = length === 1 ? '1 character' : `${length} characters`;
  if (minLength === undefined) return counted;
  return length < minLength ? `${counted}, ${minLength - length} more to go` : `${counted}, long enough`;
}
