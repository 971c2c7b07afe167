import { median, type Ratio, type Samples } from './interleave.ts';

export interface Finding {
  readonly name: string;
  readonly value: number;
  /** Behind the number: `×`, ` ms`, ` MiB`. */
  readonly unit: string;
  readonly target?: { readonly atLeast: number } | { readonly atMost: number };
  readonly least?: number;
  readonly most?: number;
}

/** What one measurement gives: figures with targets, and lines that explain them. */
export interface Measured {
  readonly name: string;
  readonly findings: readonly Finding[];
  readonly details: readonly string[];
  readonly data: unknown;
}

export function meets({ value, target }: Finding): boolean | null {
  if (target === undefined) return null;
  return 'atLeast' in target ? value >= target.atLeast : value <= target.atMost;
}

export function ratioFinding(name: string, { value, least, most }: Ratio, atLeast?: number): Finding {
  return { name, value, least, most, unit: '×', ...(atLeast === undefined ? {} : { target: { atLeast } }) };
}

const number = (value: number): string => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2));

function range({ least, most }: Finding): string {
  return least === undefined || most === undefined ? '' : `${number(least)}–${number(most)}`;
}

function wanted({ target, unit }: Finding): string {
  if (target === undefined) return '';
  return 'atLeast' in target ? `≥ ${target.atLeast}${unit}` : `≤ ${target.atMost}${unit}`;
}

export function findingsTable(findings: readonly Finding[]): string {
  const verdict = (finding: Finding) => ({ true: 'met', false: 'MISSED', null: '' })[String(meets(finding)) as 'true'];
  return table(
    ['', 'measured', 'rounds', 'target', ''],
    findings.map((finding) => [
      finding.name,
      `${number(finding.value)}${finding.unit}`,
      range(finding),
      wanted(finding),
      verdict(finding),
    ]),
  );
}

/** The medians of the contestants, for whoever wants to know what stands behind a ratio. */
export function samplesLines(samples: Samples): string[] {
  return [...samples].map(([name, runs]) => {
    const of = (read: (run: (typeof runs)[number]) => number) => number(median(runs.map(read)));
    const [perSecond, cpu, p99] = [of((run) => run.perSecond), of((run) => run.cpuMsPerRequest), of((run) => run.p99Ms)];
    return `${name}: ${perSecond}/s, ${cpu} ms of processor each${p99 === '0.00' ? '' : `, p99 ${p99} ms`}`;
  });
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('   ')
      .trimEnd();
  return [line(head), widths.map((width) => '─'.repeat(width)).join('   '), ...rows.map(line)].join('\n');
}
