import { Module } from '@nestjs/common';
import { systemAccess } from '#access';
import { CONFIG, type Config } from '#config';
import {
  ClusterRunner,
  ClusterSupervisor,
  INGEST_SETTINGS,
  type IngestSettings,
  type KeptPositions,
  openSource,
} from '#ingest';
import type { WatchSettings } from '#kube';
import { ClusterRepository, Database, LeaseRepository, SnapshotRepository, StoreModule } from '#store';
import { LOG, type Log, Metrics, giveBackMemoryWhenQuiet } from '#telemetry';
import { ClusterSync } from './cluster-sync.js';

function ingestSettings({ sync }: Config): IngestSettings {
  return {
    ...INGEST_SETTINGS,
    flushIntervalMs: sync.flushIntervalMs,
    flushMaxObjects: sync.flushMaxObjects,
    folderPollMs: sync.folderPollSeconds * 1000,
  };
}

function watchSettings({ sync }: Config): Partial<WatchSettings> {
  return {
    pageSize: sync.listPageSize,
    watchTimeoutSeconds: sync.watchTimeoutSeconds,
    requestTimeoutMs: sync.requestTimeoutSeconds * 1000,
    resyncIntervalMs: sync.resyncIntervalSeconds * 1000,
    concurrentLists: sync.concurrentLists,
  };
}

function createSupervisor(
  config: Config,
  log: Log,
  database: Database,
  snapshots: SnapshotRepository,
): ClusterSupervisor {
  const clusters = new ClusterRepository(database, config.credentials.secretKey, () => systemAccess('sync'));
  const settings = ingestSettings(config);
  const watch = watchSettings(config);
  return new ClusterSupervisor({
    database,
    clusters,
    log,
    leases: new LeaseRepository(database, config.sync.leaseSeconds * 1000),
    scanIntervalMs: settings.scanIntervalMs,
    concurrentReads: config.sync.concurrentReads,
    onRead: giveBackMemoryWhenQuiet,
    makeRunner: (record, lease) => {
      const own = log.child({ cluster: record.name });
      const open = { clusters, watch, folderPollMs: settings.folderPollMs, log: own };
      return new ClusterRunner(record, {
        report: (report) => clusters.report(lease, report),
        snapshots: {
          persist: (id, batch) => snapshots.persist(id, batch, lease),
          countKinds: (id, seq, scope) => snapshots.countKinds(id, seq, scope),
        },
        positions: {
          save: (positions) => clusters.savePositions(lease, positions),
          load: async (visit) => (await snapshots.resume(record.id, visit)) as KeptPositions | null,
        },
        settings,
        log: own,
        open: () => openSource(record, open),
      });
    },
  });
}

/** Reads every cluster that is not paused into snapshots. Needs `ConfigModule` and `TelemetryModule` at the root. */
@Module({
  imports: [StoreModule],
  providers: [
    {
      provide: ClusterSupervisor,
      useFactory: createSupervisor,
      inject: [CONFIG, LOG, Database, SnapshotRepository],
    },
    {
      provide: ClusterSync,
      useFactory: (supervisor: ClusterSupervisor, metrics: Metrics) => new ClusterSync(supervisor, metrics),
      inject: [ClusterSupervisor, Metrics],
    },
  ],
})
export class SyncModule {}
