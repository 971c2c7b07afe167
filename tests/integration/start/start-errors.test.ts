import { describe, expect, it } from 'vitest';

describe('start-errors', () => {
  it('is being written', () => expect(true).toBe(true));
});
