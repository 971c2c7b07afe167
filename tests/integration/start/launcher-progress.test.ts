import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { showProgress } from '../../../scripts/lib/print.mjs';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

it('a long step says every 15 seconds that it goes on, where nobody sees a terminal', async () => {
  const said: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((line) => said.push(String(line)) > 0);
  let finish = () => {};
  const shown = showProgress('Installing', () => new Promise<void>((resolve) => (finish = resolve)));
  vi.advanceTimersByTime(45_000);
  finish();
  await shown;
  vi.advanceTimersByTime(60_000);
  expect(said).toEqual([
    'Installing …\n',
    'Installing … 15 s\n',
    'Installing … 30 s\n',
    'Installing … 45 s\n',
    'Installing … done (45 s)\n',
  ]);
});
