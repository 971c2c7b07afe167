/**
 * The Mann-Whitney U test, two-sided, by its normal approximation with correction for ties: how likely two samples of one
 * distribution differ by as much as these do. For samples of 20 and more.
 */
export function mannWhitneyP(first: readonly number[], second: readonly number[]): number {
  const all = [...first.map((value) => ({ value, mine: true })), ...second.map((value) => ({ value, mine: false }))];
  all.sort((a, b) => a.value - b.value);
  let rankSum = 0;
  let ties = 0;
  for (let start = 0; start < all.length; ) {
    let end = start;
    while (end < all.length && all[end]?.value === all[start]?.value) end += 1;
    const size = end - start;
    // Equal values share the mean of their ranks, which count from one.
    rankSum += all.slice(start, end).filter(({ mine }) => mine).length * ((start + 1 + end) / 2);
    ties += size ** 3 - size;
    start = end;
  }
  const [n, m, total] = [first.length, second.length, all.length];
  const u = rankSum - (n * (n + 1)) / 2;
  const deviation = Math.sqrt(((n * m) / 12) * (total + 1 - ties / (total * (total - 1))));
  return deviation === 0 ? 1 : 2 * upperTail(Math.max(0, Math.abs(u - (n * m) / 2) - 0.5) / deviation);
}

/** P(Z > z) of the standard normal distribution for z >= 0 (Abramowitz and Stegun, 26.2.17; off by 7.5e-8 at most). */
function upperTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp(-(z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
}

// Chance alone is past this once in a thousand comparisons, and three times in a row once in a thousand million.
const mostChance = 1e-3;
// Of the median: less is lost in what a network adds, however many requests are timed within the limits on guesses.
const leastDifference = 0.1;

export interface TimeDifference {
  /** Whether the two differ both beyond chance and by an amount that somebody could use. */
  readonly tells: boolean;
  /** How likely chance alone makes two samples differ as much. */
  readonly p: number;
  /** Between the medians, as a share of the smaller one. */
  readonly difference: number;
}

/** Compares how long two things took, in any unit. */
export function compareTimes(first: readonly number[], second: readonly number[]): TimeDifference {
  const p = mannWhitneyP(first, second);
  const [shorter, longer] = [medianOf(first), medianOf(second)].sort((a, b) => a - b) as [number, number];
  const difference = longer / shorter - 1;
  return { tells: p < mostChance && difference > leastDifference, p, difference };
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
