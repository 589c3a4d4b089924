import { Inject, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { CONFIG, type Config } from '#config';
import { AppError } from '#contracts';
import { HealthRegistry, LOG, type Log } from '#telemetry';
import { ChangeRepository } from './change.repository.js';
import { ClusterRepository } from './cluster.repository.js';
import { CniChangeRepository } from './cni-change.repository.js';
import { Database } from './database.js';
import { DriftRepository } from './drift.repository.js';
import { JobRunRepository } from './jobs/job-run.repository.js';
import { RetentionRepository } from './retention.repository.js';
import { SnapshotRepository } from './snapshot.repository.js';

function openDatabase(config: Config, log: Log): Database {
  if (config.database.url === null) throw new AppError('startup.failed', 'DATABASE_URL is required, set it');
  return new Database({ url: config.database.url, log, poolSize: config.database.poolSize });
}

/**
 * Gives `Database` and the repositories. Needs `ConfigModule` and `TelemetryModule` at the
 * root. Stops the start when the database does not answer, and closes it last; does not migrate.
 */
@Module({
  providers: [
    { provide: Database, useFactory: openDatabase, inject: [CONFIG, LOG] },
    {
      provide: ClusterRepository,
      useFactory: (database: Database, config: Config) => new ClusterRepository(database, config.credentials.secretKey),
      inject: [Database, CONFIG],
    },
    {
      provide: SnapshotRepository,
      useFactory: (database: Database) => new SnapshotRepository(database),
      inject: [Database],
    },
    {
      provide: DriftRepository,
      useFactory: (database: Database) => new DriftRepository(database),
      inject: [Database],
    },
    {
      provide: JobRunRepository,
      useFactory: (database: Database) => new JobRunRepository(database),
      inject: [Database],
    },
    {
      provide: CniChangeRepository,
      useFactory: (database: Database) => new CniChangeRepository(database),
      inject: [Database],
    },
    {
      provide: RetentionRepository,
      useFactory: (database: Database) => new RetentionRepository(database),
      inject: [Database],
    },
    {
      provide: ChangeRepository,
      useFactory: (database: Database) => new ChangeRepository(database),
      inject: [Database],
    },
  ],
  exports: [
    Database,
    ClusterRepository,
    SnapshotRepository,
    DriftRepository,
    JobRunRepository,
    ChangeRepository,
    CniChangeRepository,
    RetentionRepository,
  ],
})
export class StoreModule implements OnModuleInit, OnApplicationShutdown {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(HealthRegistry) private readonly health: HealthRegistry,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.database.connect();
    this.health.register(this.database);
  }

  // Runs after every `beforeApplicationShutdown`: who uses the database ends there or in `onModuleDestroy`.
  async onApplicationShutdown(): Promise<void> {
    await this.database.close();
  }
}
