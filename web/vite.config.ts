import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { bundleBudget } from './bundle-budget.ts';

/** The server that `vite dev` stands before. Its Origin is sent along, since the server answers cookies of its own origin only. */
const server = 'http://localhost:4000';
const toServer = { target: server, headers: { origin: server } };

export default defineConfig({
  plugins: [react(), bundleBudget({ maxCompressedBytes: 90_000 })],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // The pages run under a policy without inline scripts and without data: fonts or styles.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: {
    proxy: {
      '/graphql': { ...toServer, ws: true },
      '/dev/mailbox.json': toServer,
    },
  },
});
