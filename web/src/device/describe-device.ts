export interface Device {
  /** "Firefox on Windows", "curl", or "Unknown device". */
  readonly label: string;
  readonly handheld: boolean;
}

/** First match wins, so the derived browsers stand before those whose name they carry along. */
const browsers: readonly (readonly [RegExp, string])[] = [
  [/\b(?:Edg|EdgA|EdgiOS)\//, 'Edge'],
  [/\b(?:OPR|Opera|OPiOS)\b/, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bVivaldi\//, 'Vivaldi'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:HeadlessChrome|Chrome|CriOS|Chromium)\//, 'Chrome'],
  [/\bVersion\/[\d.]+.*\bSafari\//, 'Safari'],
];

const systems: readonly (readonly [RegExp, string])[] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bLinux\b|\bX11\b/, 'Linux'],
];

/** A User-Agent header in words. It is a hint for the eye: anybody can send any header. */
export function describeDevice(userAgent: string | null): Device {
  const agent = userAgent ?? '';
  const browser = firstMatch(browsers, agent);
  const system = firstMatch(systems, agent);
  const handheld = /\b(?:iPhone|iPad|Android|Mobile)\b/.test(agent);
  if (browser !== null) return { label: system === null ? browser : `${browser} on ${system}`, handheld };
  // Programs name themselves as product/version (RFC 9110, 10.1.5).
  const product = /^([A-Za-z][\w.-]{0,30})(?:\/|$)/.exec(agent)?.[1];
  if (product !== undefined && product !== 'Mozilla') return { label: product, handheld };
  return { label: system === null ? 'Unknown device' : `A browser on ${system}`, handheld };
}

function firstMatch(candidates: readonly (readonly [RegExp, string])[], agent: string): string | null {
  return candidates.find(([pattern]) => pattern.test(agent))?.[1] ?? null;
}
