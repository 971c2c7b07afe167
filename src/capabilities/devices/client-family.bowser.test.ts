import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeClient } from './client-family.bowser.ts';

const chrome = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36';

describe('what a client says of itself', () => {
  it.each([
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0', 'Firefox on Windows'],
    [chrome, 'Chrome on Windows'],
    ['MyApp/1.2 (iPhone; iOS 18.0)', 'MyApp on iOS'],
    ['curl/8.5.0', 'curl'],
    ['node', 'node'],
    ['Mozilla/5.0', 'Unknown device'],
    ['', 'Unknown device'],
  ])('%j is called %j', (userAgent, family) => expect(describeClient({ userAgent })).toBe(family));

  it('is what its client hints say, where it goes by another’s User-Agent', () => {
    const brands = '"Brave";v="130", "Chromium";v="130", "Not?A_Brand";v="99"';
    expect(describeClient({ userAgent: chrome, brands })).toBe('Brave on Windows');
  });

  it.each([
    'Your account is locked. Visit https://attacker.example/now at once',
    'attacker.example/1.0',
    'Your account is locked, call 555 0100/1.0 (X11; Linux x86_64) x',
    'Version/1.0 attacker.example/2 x (Macintosh; Intel Mac OS X 10_15)',
  ])('puts no words of the sender into a mail: %j', (userAgent) => {
    const brands = '"Call 555 0100";v="1", "attacker.example";v="1"';
    expect(describeClient({ userAgent, brands })).toMatch(/^(?:Unknown device|Version|A browser)(?: on (?:Linux|macOS))?$/);
  });

  it('is some text for any headers', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 2_000 }), fc.string({ maxLength: 2_000 }), (userAgent, brands) => {
        expect(describeClient({ userAgent, brands }).length).toBeGreaterThan(0);
      }),
    );
  });
});
