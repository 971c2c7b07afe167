/** Checks on RSA keys that come from elsewhere. */

const minModulusBits = 2048;
// A verifier's work grows with the square of this; nobody signs tokens with more.
const maxModulusBits = 8192;
const minExponent = 65_537n;
const maxExponent = 0xffff_ffffn;

/** What is wrong with an RSA public key, or undefined (RFC 7518, 3.3; FIPS 186-5, 5.1; CVE-2017-15361). */
export function rsaKeyProblem(modulus: Buffer, exponent: Buffer): string | undefined {
  if (modulus[0] === 0 || exponent[0] === 0) return 'a number has leading zeros';
  const n = toInteger(modulus);
  const e = toInteger(exponent);
  const bits = n.toString(2).length;
  if (bits < minModulusBits || bits > maxModulusBits) return `the modulus is not ${minModulusBits} to ${maxModulusBits} bits`;
  if (n % 2n === 0n) return 'the modulus is even';
  if (e < minExponent || e > maxExponent || e % 2n === 0n) return 'the public exponent is not an odd number from 65537 up';
  if (isRocaModulus(n)) return 'the modulus was made by the weak generator of CVE-2017-15361 (ROCA)';
  return undefined;
}

function toInteger(bytes: Buffer): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${bytes.toString('hex')}`);
}

// Primes of the weak generator are, modulo each small prime, powers of 65537; so is their product. Of random moduli
// fewer than one in a hundred million looks like that for all of these primes at once.
const smallPrimes = [
  3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131,
  137, 139, 149, 151, 157, 163, 167,
];

const powersOf65537 = smallPrimes.map((prime) => {
  const powers = new Set<number>();
  for (let power = 1; !powers.has(power); power = (power * 65_537) % prime) powers.add(power);
  return { prime: BigInt(prime), powers };
});

function isRocaModulus(modulus: bigint): boolean {
  return powersOf65537.every(({ prime, powers }) => powers.has(Number(modulus % prime)));
}
