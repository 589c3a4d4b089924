import { randomBytes } from 'node:crypto';
import { Module } from '@nestjs/common';
import { CONFIG, type Config } from '#config';
import { QueueModule } from '#queue';
import { SnapshotRepository, StoreModule } from '#store';
import { giveBackMemoryWhenQuiet, LOG, type Log } from '#telemetry';
import { ApiTokens } from './access/api-tokens.usecase.js';
import { derivedKey } from './access/derived-key.js';
import { QuestionLog } from './access/question-log.usecase.js';
import { TokenReviews } from './access/token-reviews.js';
import { AgentHub } from './agents/agent-hub.usecase.js';
import { ChangeFeed } from './changes/change-feed.usecase.js';
import { AuditTrend } from './audits/audit-trend.usecase.js';
import { Audits } from './audits/audits.usecase.js';
import { CheckCatalogue } from './audits/check-catalogue.js';
import { Findings } from './audits/findings.usecase.js';
import { PublishedLists } from './audits/published-lists.js';
import { RunAudit } from './audits/run-audit.usecase.js';
import { Suppressions } from './audits/suppressions.usecase.js';
import { ClusterProblems } from './clusters/cluster-problems.usecase.js';
import { ClusterWatch } from './clusters/cluster-watch.js';
import { Clusters } from './clusters/clusters.usecase.js';
import { AssertionEvents } from './assertions/assertion-events.usecase.js';
import { Assertions } from './assertions/assertions.usecase.js';
import { Baselines } from './drift/baselines.usecase.js';
import { ChatAnswers } from './chat/chat-answers.usecase.js';
import { Channels } from './delivery/channels.usecase.js';
import { Deliveries } from './delivery/deliveries.usecase.js';
import { SendDeliveries } from './delivery/send-deliveries.usecase.js';
import { Drift } from './drift/drift.usecase.js';
import { DriftTimeline } from './drift/drift-timeline.usecase.js';
import { SinceWhen } from './drift/since.usecase.js';
import { WhatIf } from './drift/what-if.usecase.js';
import { CniHistory } from './history/cni-history.usecase.js';
import { Snapshots } from './history/snapshots.usecase.js';
import { Levers } from './connections/levers.usecase.js';
import { Blast } from './connections/blast.usecase.js';
import { Outside } from './connections/outside.usecase.js';
import { Why } from './reachability/why.usecase.js';
import { Connections } from './connections/connections.usecase.js';
import { Counts } from './inventory/counts.usecase.js';
import { FleetSearch } from './inventory/fleet-search.usecase.js';
import { Flows } from './flows/flows.usecase.js';
import { KeptFlows } from './flows/kept-flows.usecase.js';
import { Fleet } from './fleet/fleet.usecase.js';
import { CrossCluster } from './paths/cross-cluster.usecase.js';
import { Patterns } from './patterns/patterns.usecase.js';
import { Probes } from './probe/probe.usecase.js';
import { Inventory } from './inventory/inventory.usecase.js';
import { LabelCounts } from './inventory/label-counts.usecase.js';
import { Selections } from './inventory/selections.usecase.js';
import { JobRunner } from './jobs/job-runner.js';
import { JobWatch } from './jobs/job-watch.js';
import { Jobs } from './jobs/jobs.usecase.js';
import { CursorCodec } from './paging/cursor-codec.js';
import { SnapshotPages } from './paging/snapshot-pages.js';
import { CanReachBatch } from './reachability/can-reach-batch.usecase.js';
import { CanReach } from './reachability/can-reach.usecase.js';
import { Retention } from './retention/retention.usecase.js';
import { KeptReports } from './reports/kept-reports.usecase.js';
import { MakeReport } from './reports/make-report.usecase.js';
import { ReportSigner } from './reports/report-signer.js';
import { AuditReports } from './reports/audit-reports.usecase.js';
import { MetricsSources } from './runbooks/metrics-sources.usecase.js';
import { ReceiveAlerts } from './runbooks/receive-alerts.usecase.js';
import { RunRunbook } from './runbooks/run-runbook.usecase.js';
import { RunbookRuns } from './runbooks/runbook-runs.usecase.js';
import { RunbookShelf } from './runbooks/runbook-shelf.js';
import { ClusterHeads } from './snapshot/cluster-heads.js';
import { Schedules } from './schedules/schedules.usecase.js';
import { compileFrom } from './snapshot/compile-from.js';
import { SnapshotCache } from './snapshot/snapshot-cache.js';
import { SnapshotReader } from './snapshot/snapshot-reader.js';
import { SnapshotWarming } from './snapshot/snapshot-warming.js';

/** What other modules ask of this one. */
const USE_CASES = [
  AgentHub,
  ApiTokens,
  AssertionEvents,
  Assertions,
  AuditReports,
  AuditTrend,
  Audits,
  Baselines,
  Blast,
  Levers,
  CanReach,
  CanReachBatch,
  ChangeFeed,
  Channels,
  ChatAnswers,
  CheckCatalogue,
  ClusterProblems,
  ClusterWatch,
  Clusters,
  CniHistory,
  Connections,
  Counts,
  CrossCluster,
  Deliveries,
  Drift,
  DriftTimeline,
  Findings,
  Fleet,
  FleetSearch,
  Flows,
  KeptFlows,
  Inventory,
  JobRunner,
  Jobs,
  KeptReports,
  LabelCounts,
  MakeReport,
  MetricsSources,
  Outside,
  Patterns,
  Probes,
  QuestionLog,
  ReceiveAlerts,
  Retention,
  RunAudit,
  RunRunbook,
  RunbookRuns,
  RunbookShelf,
  Schedules,
  Selections,
  SendDeliveries,
  SinceWhen,
  SnapshotReader,
  SnapshotWarming,
  Snapshots,
  Suppressions,
  TokenReviews,
  WhatIf,
  Why,
] as const;

/** The use cases. Needs `ConfigModule` and `TelemetryModule` at the root. */
@Module({
  imports: [StoreModule, QueueModule],
  providers: [
    {
      provide: SnapshotCache,
      inject: [SnapshotRepository, CONFIG],
      useFactory: (snapshots: SnapshotRepository, config: Config): SnapshotCache =>
        new SnapshotCache(compileFrom(snapshots, giveBackMemoryWhenQuiet), config.analysis.cacheSnapshots, {
          objects: config.analysis.cacheObjects,
        }),
    },
    {
      provide: CursorCodec,
      inject: [CONFIG],
      // Without a key, cursors live with the process.
      useFactory: (config: Config): CursorCodec => new CursorCodec(derivedKey(config, 'cursor') ?? randomBytes(32)),
    },
    {
      provide: PublishedLists,
      inject: [CONFIG, LOG],
      useFactory: (config: Config, log: Log): PublishedLists => new PublishedLists(config.analysis.addressLists, log),
    },
    ClusterHeads,
    SnapshotPages,
    JobWatch,
    ReportSigner,
    ...USE_CASES,
  ],
  exports: [...USE_CASES],
})
export class AnalysisModule {}
