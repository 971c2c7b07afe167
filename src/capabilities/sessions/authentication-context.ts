/**
 * How strongly a person was authenticated, as OpenID Connect Core, 2 names it: `acr`. In order, the weakest first; the
 * levels are those of NIST SP 800-63B-4, 2.
 */
export const acrValues = ['urn:sallyport:aal1', 'urn:sallyport:aal2'] as const;
export type Acr = (typeof acrValues)[number];

/** The level that these methods (RFC 8176) reach: the second takes more than one factor, which `mfa` says. */
export function acrOf(amr: readonly string[]): Acr {
  return amr.includes('mfa') ? 'urn:sallyport:aal2' : 'urn:sallyport:aal1';
}

/** The levels that are enough where `least` is wanted. */
export function acrValuesFrom(least: Acr): readonly Acr[] {
  return acrValues.slice(acrValues.indexOf(least));
}
