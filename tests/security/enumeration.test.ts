import { describe, it } from 'vitest';

describe('written by a helper at this moment', () => {
  it.skip('is filled soon', () => {});
});
