import { defineConfig } from 'drizzle-kit';

export default defineConfig({
  dialect: 'postgresql',
  schema: './drizzle/schema/index.ts',
  out: './drizzle/migrations',
  // Where drizzle-kit's own commands look for the history; the product's migrations keep it there.
  migrations: { schema: 'public' },
});
