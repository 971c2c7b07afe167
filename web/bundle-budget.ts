import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

/** Fails the build when all JavaScript together, compressed by gzip, outgrows the budget. */
export function bundleBudget(budget: { readonly maxCompressedBytes: number }): Plugin {
  return {
    name: 'bundle-budget',
    apply: 'build',
    generateBundle(_options, bundle) {
      const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
      const bytes = chunks.reduce((sum, chunk) => sum + gzipSync(chunk.code).length, 0);
      if (bytes > budget.maxCompressedBytes) {
        this.error(`the pages' JavaScript is ${bytes} bytes compressed, more than the ${budget.maxCompressedBytes} allowed`);
      }
      this.info(`JavaScript: ${bytes} of ${budget.maxCompressedBytes} bytes, compressed`);
    },
  };
}
