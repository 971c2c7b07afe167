import { z } from 'zod';

// Each use case looks again at what its domain knows of; here only what no field may be: huge, broken, or with U+0000,
// which PostgreSQL can't store.
const stored = (maxLength: number) =>
  z
    .string()
    .max(maxLength, `must have at most ${maxLength} characters`)
    .refine((text) => !text.includes('\0'), 'must not hold U+0000')
    .refine((text) => text.isWellFormed(), 'must be well-formed text');

export const nameText = stored(800);
export const emailText = stored(1_024);
export const passwordText = z.string().max(4_096, 'must have at most 4096 characters');
export const tokenText = stored(512);
export const idText = stored(64);
