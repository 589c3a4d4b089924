import { createSync } from '../../apps/sync/src/index.js';

import { systemAccess } from '#access';
import { loadConfig } from '#config';
import { type ClusterRecord, ClusterRepository, SnapshotRepository } from '#store';
import { silentLog } from '#telemetry';

import { type TestDatabase, createTestDatabase } from './database.js';

const SYSTEM = (): ReturnType<typeof systemAccess> => systemAccess('test');

const SECRET_KEY = 'ab'.repeat(32);

/** The sync role on a database of its own, with quick settings. */
export interface SyncProcess {
  readonly database: TestDatabase;
  readonly clusters: ClusterRepository;
  readonly snapshots: SnapshotRepository;
  /** Waits until the cluster's row satisfies `test`, and returns it. */
  settled(id: string, test: (record: ClusterRecord) => boolean, timeoutMs?: number): Promise<ClusterRecord>;
  /** Ends the role and starts it again on the same database. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startSyncProcess(env: Readonly<Record<string, string>> = {}): Promise<SyncProcess> {
  const database = await createTestDatabase();
  const config = loadConfig(
    {
      DATABASE_URL: database.url,
      ATLAS_SECRET_KEY: SECRET_KEY,
      SYNC_FOLDER_POLL_SECONDS: '1',
      SYNC_FLUSH_INTERVAL_MS: '50',
      ...env,
    },
    'sync',
  );
  let app = await createSync(config, silentLog);
  const clusters = new ClusterRepository(database.database, config.credentials.secretKey, SYSTEM);
  return {
    database,
    clusters,
    snapshots: new SnapshotRepository(database.database),
    settled: (id, test, timeoutMs = 40_000) => settled(clusters, id, test, timeoutMs),
    restart: async () => {
      await app.close();
      app = await createSync(config, silentLog);
    },
    stop: async () => {
      await app.close();
      await database.drop();
    },
  };
}

async function settled(
  clusters: ClusterRepository,
  id: string,
  test: (record: ClusterRecord) => boolean,
  timeoutMs: number,
): Promise<ClusterRecord> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const record = await clusters.get(id);
    if (test(record)) return record;
    if (Date.now() > end) throw new Error(`the cluster did not get there: ${JSON.stringify(record)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
