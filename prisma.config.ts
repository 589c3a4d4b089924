import { defineConfig } from 'prisma/config';

/** Where Prisma's own commands find the schema and the history. The service applies migrations by itself. */
export default defineConfig({
  schema: 'prisma/schema',
  migrations: { path: 'prisma/migrations' },
});
