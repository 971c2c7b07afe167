import { describe, expect, it } from 'vitest';
import { asvsIds, checkAsvs } from '../../scripts/asvs/check.ts';

const test = { file: 'some.test.ts', title: 'refuses it' };
const readSource = (file: string) => (file === test.file ? "it('refuses it', () => {});\n// ('mentions it')" : undefined);

function mapWith(changes: Readonly<Record<string, unknown>>): unknown {
  const requirements = Object.fromEntries(asvsIds().map((id) => [id, { level: 1, status: 'open', note: 'Not yet.' }]));
  return { standard: 'ASVS', source: 'https://example.org/', requirements: { ...requirements, ...changes } };
}

describe('the check of the ASVS map', () => {
  it('finds nothing where every id stands and every named test exists', () => {
    const report = checkAsvs(mapWith({ 'V4.1.1': { level: 2, status: 'met', test, note: 'So.' } }), readSource);
    expect(report.problems).toEqual([]);
    expect(report.counts[1]).toEqual({ level: 2, met: 1, notApplicable: 0, open: 0 });
  });

  it('knows a title that stands on a line of its own', () => {
    const source = () => "it.each(['a'])(\n  'refuses it',\n  async () => {},\n);";
    expect(checkAsvs(mapWith({ 'V4.1.1': { level: 2, status: 'met', test, note: 'So.' } }), source).problems).toEqual([]);
  });

  it('finds an id that is missing', () => {
    expect(checkAsvs(mapWith({ 'V9.1.2': undefined }), readSource).problems).not.toEqual([]);
  });

  it('finds an id that the standard does not have', () => {
    const unknown = mapWith({ 'V9.1.99': { level: 1, status: 'open', note: 'What?' } });
    expect(checkAsvs(unknown, readSource).problems).toEqual(['V9.1.99 is no requirement of the chapters that are mapped']);
  });

  it.each([
    ['a file that does not exist', { ...test, file: 'no-such.test.ts' }],
    ['a title that the file does not have', { ...test, title: 'accepts it' }],
    ['a title that only a comment mentions', { ...test, title: 'mentions it' }],
  ])('finds %s', (_, named) => {
    expect(
      checkAsvs(mapWith({ 'V4.1.1': { level: 1, status: 'met', test: named, note: 'So.' } }), readSource).problems,
    ).toHaveLength(1);
  });

  it('does not take a requirement for met that names no test', () => {
    expect(checkAsvs(mapWith({ 'V4.1.1': { level: 1, status: 'met', note: 'Trust me.' } }), readSource).problems).not.toEqual([]);
  });
});
