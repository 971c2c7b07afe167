const integerTag = 0x02;
const sequenceTag = 0x30;

/**
 * The two numbers of an ECDSA signature, which JWS has side by side (RFC 7518, 3.4), in DER (RFC 3279, 2.2.3) as OpenSSL takes
 * them. Node does that by `dsaEncoding` too, but then a verification takes almost half as long again. Two numbers have one
 * form in DER only; whether they are in range is for the verification to say.
 */
export function ecdsaSignatureToDer(signature: Buffer): Buffer {
  const half = signature.length / 2;
  const [first, second] = [startOfNumber(signature, 0, half), startOfNumber(signature, half, signature.length)];
  const [firstSize, secondSize] = [sizeOf(signature, first, half), sizeOf(signature, second, signature.length)];
  const contentSize = 2 + firstSize + 2 + secondSize;
  // X.690, 8.1.3: from 128 on, the length is written behind its own length. P-521 needs that, and no curve needs more.
  const head = contentSize < 0x80 ? [sequenceTag, contentSize] : [sequenceTag, 0x81, contentSize];
  // Zeros, so that the sign bit of a number is clear where a byte before it is skipped.
  const der = Buffer.alloc(head.length + contentSize);
  der.set(head);
  const middle = head.length + 2 + firstSize;
  putInteger(head.length, firstSize, first, half);
  putInteger(middle, secondSize, second, signature.length);
  return der;

  function putInteger(at: number, size: number, from: number, to: number): void {
    der[at] = integerTag;
    der[at + 1] = size;
    signature.copy(der, at + 2 + size - (to - from), from, to);
  }
}

/** DER writes no zeros in front of a number, but at least one byte (X.690, 8.3.2). */
function startOfNumber(bytes: Buffer, from: number, to: number): number {
  let start = from;
  while (start < to - 1 && bytes[start] === 0) start += 1;
  return start;
}

/** A byte more where the first bit is set: it would be the sign (X.690, 8.3.3). */
function sizeOf(bytes: Buffer, from: number, to: number): number {
  return to - from + ((bytes[from] ?? 0) >> 7);
}
