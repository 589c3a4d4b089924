import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyMigrations, Database, startEmbeddedPostgres } from '#store';

/** Runs a bench on an embedded database of its own, which is gone afterwards. */
export async function onBenchDatabase(
  options: { readonly poolSize?: number },
  work: (database: Database, url: string) => Promise<void>,
): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'atlas-bench-'));
  const postgres = await startEmbeddedPostgres({ dataDir });
  const url = postgres.url.reveal();
  const database = new Database({ url, ...options });
  try {
    await applyMigrations(url);
    await work(database, url);
  } finally {
    await database.close();
    await postgres.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}
