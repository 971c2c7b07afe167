import { z } from 'zod';

/** How many requirements each section of OWASP ASVS 5.0.0 has that docs/asvs.json answers for; they count from 1. */
const sections: Readonly<Record<string, number>> = {
  ...{ 'V4.1': 5, 'V4.2': 5, 'V4.3': 2, 'V4.4': 4 },
  ...{ 'V6.1': 3, 'V6.2': 12, 'V6.3': 8, 'V6.4': 6, 'V6.5': 8, 'V6.6': 4, 'V6.7': 2, 'V6.8': 4 },
  ...{ 'V7.1': 3, 'V7.2': 4, 'V7.3': 2, 'V7.4': 5, 'V7.5': 3, 'V7.6': 2 },
  ...{ 'V8.1': 4, 'V8.2': 4, 'V8.3': 3, 'V8.4': 2 },
  ...{ 'V9.1': 3, 'V9.2': 4 },
  ...{ 'V10.1': 2, 'V10.2': 3, 'V10.3': 5, 'V10.4': 16, 'V10.5': 5, 'V10.6': 2, 'V10.7': 3 },
  ...{ 'V11.1': 4, 'V11.2': 5, 'V11.3': 5, 'V11.4': 4, 'V11.5': 2, 'V11.6': 2, 'V11.7': 2 },
  ...{ 'V13.1': 4, 'V13.2': 6, 'V13.3': 4, 'V13.4': 7 },
  ...{ 'V14.1': 2, 'V14.2': 8, 'V14.3': 3 },
  ...{ 'V16.1': 1, 'V16.2': 5, 'V16.3': 4, 'V16.4': 3, 'V16.5': 4 },
};

const note = z.string().min(1);
const level = z.int().min(1).max(3);
const test = z.strictObject({ file: z.string(), title: z.string().min(1) });
const requirement = z.discriminatedUnion('status', [
  z.strictObject({ level, status: z.literal('met'), test, note }),
  z.strictObject({ level, status: z.literal('n/a'), note }),
  z.strictObject({ level, status: z.literal('open'), test: test.optional(), note }),
]);
const asvsMap = z.strictObject({ standard: z.string(), source: z.url(), requirements: z.record(z.string(), requirement) });

export interface AsvsReport {
  readonly problems: readonly string[];
  /** By level, how many are met, do not apply, or are open. */
  readonly counts: readonly {
    readonly level: number;
    readonly met: number;
    readonly notApplicable: number;
    readonly open: number;
  }[];
}

/** Every id there is, in the order of the standard. */
export function asvsIds(): string[] {
  return Object.entries(sections).flatMap(([section, size]) =>
    Array.from({ length: size }, (_, index) => `${section}.${index + 1}`),
  );
}

/**
 * Checks the map of requirements to tests: every id stands there once, nothing else does, and each named test exists.
 * `readSource` gives a file of the repository as text, or undefined where there is none.
 */
export function checkAsvs(map: unknown, readSource: (file: string) => string | undefined): AsvsReport {
  const parsed = asvsMap.safeParse(map);
  if (!parsed.success) return { problems: [z.prettifyError(parsed.error)], counts: [] };
  const { requirements } = parsed.data;
  const ids = new Set(asvsIds());
  const problems = [
    ...[...ids].filter((id) => !(id in requirements)).map((id) => `${id} is missing`),
    ...Object.keys(requirements)
      .filter((id) => !ids.has(id))
      .map((id) => `${id} is no requirement of the chapters that are mapped`),
    ...Object.entries(requirements).flatMap(([id, entry]) => {
      const named = 'test' in entry ? entry.test : undefined;
      if (named === undefined) return [];
      const source = readSource(named.file);
      if (source === undefined) return [`${id} names ${named.file}, which does not exist`];
      return hasTitle(source, named.title) ? [] : [`${id} names the test "${named.title}", which ${named.file} does not have`];
    }),
  ];
  const entries = Object.values(requirements);
  const count = (wanted: number, status: string) =>
    entries.filter((entry) => entry.level === wanted && entry.status === status).length;
  const counts = [1, 2, 3].map((each) => ({
    level: each,
    met: count(each, 'met'),
    notApplicable: count(each, 'n/a'),
    open: count(each, 'open'),
  }));
  return { problems, counts };
}

/** A title counts where it is the first argument of a test, not where a comment mentions it. */
function hasTitle(source: string, title: string): boolean {
  return ["'", '"', '`'].some((quote) =>
    source
      .split(`${quote}${title}${quote},`)
      .slice(0, -1)
      .some((before) => /\(\s*$/.test(before)),
  );
}
