import { describe, expect, it } from 'vitest';

describe('statements', () => {
  it('is being written', () => expect(true).toBe(true));
});
