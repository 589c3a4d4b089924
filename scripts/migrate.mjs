// `npm run migrate`: applies what is new of prisma/migrations to the database at DATABASE_URL. Safe to run twice, and
// from several machines at once. The standalone service does this by itself.
import { ROOT, SetupError, runScript, setup } from './setup.mjs';

await runScript(async () => {
  // A container image brings its build and has nothing to build it from.
  if (process.env.ATLAS_BUILT === undefined) setup({ build: true });
  process.chdir(ROOT);
  const url = process.env.DATABASE_URL;
  if (!url) throw new SetupError('DATABASE_URL is not set, give postgresql://user:password@host/database');
  const { applyMigrations } = await import('#store');
  try {
    const applied = await applyMigrations(url);
    process.stdout.write(applied.length === 0 ? 'the database is up to date\n' : `applied ${applied.join(', ')}\n`);
  } catch (error) {
    // Expected failures have a code and one readable line; anything else is a bug and keeps its stack.
    throw typeof error?.code === 'string' && error.name === 'AppError' ? new SetupError(error.message) : error;
  }
});
