import { Inject, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { CONFIG, type Config } from '#config';
import { AppError } from '#contracts';
import { HealthRegistry, LOG, type Log } from '#telemetry';
import { ApiTokenRepository } from './access/api-token.repository.js';
import { IdempotentRequestRepository } from './access/idempotent-request.repository.js';
import { QuestionLogRepository } from './access/question-log.repository.js';
import { ChangeRepository } from './change.repository.js';
import { AuditRepository } from './audits/audit.repository.js';
import { SuppressionRepository } from './audits/suppression.repository.js';
import { AgentRepository } from './agent.repository.js';
import { ClusterAskedRepository } from './cluster-asked.repository.js';
import { ClusterHeadRepository } from './cluster-head.repository.js';
import { ClusterRepository } from './cluster.repository.js';
import { CniChangeRepository } from './cni-change.repository.js';
import { Database } from './database.js';
import { AssertionRepository } from './assertion.repository.js';
import { BaselineRepository } from './baseline.repository.js';
import { ChannelRepository } from './delivery/channel.repository.js';
import { DeliveryRepository } from './delivery/delivery.repository.js';
import { DriftRepository } from './drift.repository.js';
import { KeptFlowRepository } from './flows/kept-flow.repository.js';
import { JobRunRepository } from './jobs/job-run.repository.js';
import { LeverReportRepository } from './lever-report.repository.js';
import { KeptReportRepository } from './reports/kept-report.repository.js';
import { RetentionRepository } from './retention.repository.js';
import { AlertRepository } from './runbooks/alert.repository.js';
import { MetricsSourceRepository } from './runbooks/metrics-source.repository.js';
import { RunbookRunRepository } from './runbooks/runbook-run.repository.js';
import { ScheduleRepository } from './schedules/schedule.repository.js';
import { SnapshotRepository } from './snapshot.repository.js';
import { WriteTurns } from './write-turns.js';

function openDatabase(config: Config, log: Log): Database {
  if (config.database.url === null) throw new AppError('startup.failed', 'DATABASE_URL is required, set it');
  return new Database({ url: config.database.url, log, poolSize: config.database.poolSize });
}

/** What needs the database and nothing else. */
const REPOSITORIES = [
  AgentRepository,
  AlertRepository,
  ApiTokenRepository,
  AssertionRepository,
  BaselineRepository,
  AuditRepository,
  ChangeRepository,
  ClusterAskedRepository,
  ClusterHeadRepository,
  CniChangeRepository,
  DeliveryRepository,
  DriftRepository,
  IdempotentRequestRepository,
  JobRunRepository,
  KeptFlowRepository,
  KeptReportRepository,
  LeverReportRepository,
  QuestionLogRepository,
  RetentionRepository,
  RunbookRunRepository,
  ScheduleRepository,
  SnapshotRepository,
  SuppressionRepository,
  WriteTurns,
] as const;
/** Repositories that also seal secrets. */
const SEALING_REPOSITORIES = [ChannelRepository, ClusterRepository, MetricsSourceRepository] as const;

/**
 * Gives `Database` and the repositories. Needs `ConfigModule` and `TelemetryModule` at the root. Stops the start when the
 * database does not answer, and closes it last; does not migrate.
 */
@Module({
  providers: [
    { provide: Database, useFactory: openDatabase, inject: [CONFIG, LOG] },
    ...REPOSITORIES.map((Repository) => ({
      provide: Repository,
      useFactory: (database: Database) => new Repository(database),
      inject: [Database],
    })),
    ...SEALING_REPOSITORIES.map((Repository) => ({
      provide: Repository,
      useFactory: (database: Database, config: Config) => new Repository(database, config.credentials.secretKey),
      inject: [Database, CONFIG],
    })),
  ],
  exports: [Database, ...REPOSITORIES, ...SEALING_REPOSITORIES],
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
