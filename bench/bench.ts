import type { LoadGenerator } from './load.ts';
import type { BenchPostgres } from './postgres.ts';
import { type Product, startProduct } from './product.ts';

/** How long and how often is measured. */
export interface Effort {
  readonly rounds: number;
  readonly roundMs: number;
  readonly warmUpMs: number;
  readonly connections: number;
}

/** What every measurement works with. */
export interface Bench {
  readonly effort: Effort;
  /** A folder for logs and scratch data, removed at the end. */
  readonly folder: string;
  readonly postgres: BenchPostgres;
  readonly load: LoadGenerator;
  /** The product under its production profile, with people in it; started by the first measurement that asks. */
  product(): Promise<Product>;
  /** Runs at the end, also after a failure or Ctrl-C; the last one first. */
  defer(cleanUp: () => Promise<void>): void;
}

export function createBench(parts: Omit<Bench, 'product'>): Bench {
  let product: Promise<Product> | undefined;
  const bench: Bench = {
    ...parts,
    product: () => {
      product ??= startProduct(bench);
      return product;
    },
  };
  return bench;
}
