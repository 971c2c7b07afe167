import { describe, expect, it } from 'vitest';

describe('bad-input', () => {
  it('is being written', () => expect(true).toBe(true));
});
