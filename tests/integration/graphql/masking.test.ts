import { describe, expect, it } from 'vitest';

describe('masking', () => {
  it('is being written', () => expect(true).toBe(true));
});
