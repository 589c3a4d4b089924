export { ApiTokens } from './access/api-tokens.usecase.js';
export type { IssuedToken } from './access/api-tokens.usecase.js';
export { QuestionLog } from './access/question-log.usecase.js';
export type { LogPage } from './access/question-log.usecase.js';
export { TokenReviews } from './access/token-reviews.js';
export { IdempotentRequestRepository } from '#store';
export type { ApiTokenRecord, IdempotencyScope, LogEntry, LoggedQuestion } from '#store';
export { AgentHub } from './agents/agent-hub.usecase.js';
export type { AgentPosition, AgentReceipt, AgentSession } from './agents/agent-hub.usecase.js';
export { AnalysisModule } from './analysis.module.js';
export type { AuditAnswer, AuditSummary, CheckResultView } from './audits/audit-view.js';
export { AuditTrend } from './audits/audit-trend.usecase.js';
export type { TrendPoint, TrendScore } from './audits/audit-trend.usecase.js';
export { Audits } from './audits/audits.usecase.js';
export type { AuditPage, AuditScores, PageOfAudits } from './audits/audits.usecase.js';
export { CheckCatalogue } from './audits/check-catalogue.js';
export type { FindingView } from './audits/finding-view.js';
export { Findings } from './audits/findings.usecase.js';
export type { FindingAnswer, FindingPage } from './audits/findings.usecase.js';
export { RunAudit } from './audits/run-audit.usecase.js';
export { Suppressions } from './audits/suppressions.usecase.js';
export type { SuppressionPage } from './audits/suppressions.usecase.js';
export type { SuppressionRecord } from '#store';
export { ClusterProblems } from './clusters/cluster-problems.usecase.js';
export type { ProblemPage, ProblemsQuery, ProblemView } from './clusters/cluster-problems.usecase.js';
export { ClusterWatch } from './clusters/cluster-watch.js';
export { Clusters } from './clusters/clusters.usecase.js';
export type { ClusterRecord } from '#store';
export type { ClusterPage } from './clusters/clusters.usecase.js';
export { ChangeFeed } from './changes/change-feed.usecase.js';
export type { ChangeFilter, ChangePage, ListChangesQuery, PlacedChange } from './changes/change-feed.usecase.js';
export type { ChangeView } from './changes/change-view.js';
export { Assertions } from './assertions/assertions.usecase.js';
export type {
  AssertionReport,
  AssertionTurn,
  AssertionTurns,
  KeptAssertion,
  KeptAssertions,
} from './assertions/assertions.usecase.js';
export type {
  ComparedState,
  DriftAnswer,
  DriftEntryAnswer,
  ObjectDriftAnswer,
  SnapshotPoint,
} from './drift/drift-answer.js';
export { Baselines } from './drift/baselines.usecase.js';
export type { BaselineView } from './drift/baselines.usecase.js';
export { Drift } from './drift/drift.usecase.js';
export { DriftTimeline } from './drift/drift-timeline.usecase.js';
export type { DriftStretchView, DriftTimelinePage } from './drift/drift-timeline.usecase.js';
export { SinceWhen } from './drift/since.usecase.js';
export type { SinceAnswer } from './drift/since.usecase.js';
export { WhatIf } from './drift/what-if.usecase.js';
export type { WhatIfAnswer } from './drift/what-if.usecase.js';
export { CniHistory } from './history/cni-history.usecase.js';
export type { CniChangeView, CniHistoryPage } from './history/cni-history.usecase.js';
export { Snapshots } from './history/snapshots.usecase.js';
export type { SnapshotListPage, SnapshotView } from './history/snapshots.usecase.js';
export type { SnapshotPage, SnapshotPageQuery } from './paging/snapshot-pages.js';
export { Blast } from './connections/blast.usecase.js';
export type { BlastAnswer } from './connections/blast.usecase.js';
export { Outside } from './connections/outside.usecase.js';
export type { EntryPointsAnswer, ExposurePage } from './connections/outside.usecase.js';
export { Why } from './reachability/why.usecase.js';
export type { WhyAnswer } from './reachability/why.usecase.js';
export { Connections } from './connections/connections.usecase.js';
export type { ConnectionPage, ConnectionStream, WholeConnections } from './connections/connections.usecase.js';
export { collectionOf, COLLECTIONS, kindsOf } from './inventory/collections.js';
export type { Collection } from './inventory/collections.js';
export { Counts } from './inventory/counts.usecase.js';
export type { ClusterCounts, FleetCounts, ObjectCounts } from './inventory/counts.usecase.js';
export { FleetSearch } from './inventory/fleet-search.usecase.js';
export type { FoundObject, SearchPage, SearchQuery } from './inventory/fleet-search.usecase.js';
export { LabelCounts } from './inventory/label-counts.usecase.js';
export type { LabelCount } from './inventory/label-counts.usecase.js';
export type { ObjectFilter } from './inventory/object-filter.js';
export { Selections } from './inventory/selections.usecase.js';
export type { SelectedView } from './inventory/selections.usecase.js';
export { Inventory } from './inventory/inventory.usecase.js';
export type {
  CniAnswer,
  ListObjectsQuery,
  ObjectAnswer,
  ObjectPage,
  ObjectQuery,
} from './inventory/inventory.usecase.js';
export type {
  NodeDetails,
  ObjectHeader,
  ObjectView,
  PodDetails,
  PortView,
  ServiceDetails,
  WorkloadDetails,
} from './inventory/object-view.js';
export { JobRunner } from './jobs/job-runner.js';
export type { ActiveJob, JobResult } from './jobs/job-runner.js';
export { hasEnded, Jobs } from './jobs/jobs.usecase.js';
export type { JobMove, JobPage, JobStart } from './jobs/jobs.usecase.js';
export type { JobEventRecord, JobRunRecord } from '#store';
export { provenanceOf } from './provenance/provenance.js';
export type { AsOf, Completeness, Provenance } from './provenance/provenance.js';
export { CanReach, notFoundError } from './reachability/can-reach.usecase.js';
export type { CanReachOutcome } from './reachability/can-reach.usecase.js';
export { CanReachBatch } from './reachability/can-reach-batch.usecase.js';
export type { BatchOutcome } from './reachability/can-reach-batch.usecase.js';
export { parseFlowQuestion } from './reachability/parse-flow-question.js';
export { KeptReports } from './reports/kept-reports.usecase.js';
export type {
  KeptReport,
  KeptReportPage,
  KeptReportSummary,
  ReportComparison,
} from './reports/kept-reports.usecase.js';
export { MakeReport } from './reports/make-report.usecase.js';
export { ChatAnswers } from './chat/chat-answers.usecase.js';
export { CHAT_CONTENT, type MessageWords } from '#delivery';
export { Channels } from './delivery/channels.usecase.js';
export type { ChannelPage, ChannelTest } from './delivery/channels.usecase.js';
export { Deliveries } from './delivery/deliveries.usecase.js';
export type { DeliveryPage } from './delivery/deliveries.usecase.js';
export { SendDeliveries } from './delivery/send-deliveries.usecase.js';
export type { ChannelRecord, DeliveryRecord } from '#store';
export { Schedules } from './schedules/schedules.usecase.js';
export type { PlannedTime, SchedulePage, ScheduleRunPage, ScheduleView } from './schedules/schedules.usecase.js';
export type { ScheduleRecord, ScheduleRunRecord } from '#store';
export { Retention } from './retention/retention.usecase.js';
export type { RetentionResult } from './retention/retention.usecase.js';
export { ClusterHeads } from './snapshot/cluster-heads.js';
export { compileFrom } from './snapshot/compile-from.js';
export { SnapshotCache } from './snapshot/snapshot-cache.js';
export { SnapshotReader } from './snapshot/snapshot-reader.js';
export type { LocatedSnapshot } from './snapshot/snapshot-reader.js';
export { MetricsSources } from './runbooks/metrics-sources.usecase.js';
export type { MetricsSourceStatus } from './runbooks/metrics-sources.usecase.js';
export { ReceiveAlerts } from './runbooks/receive-alerts.usecase.js';
export type { AlertsReceived, LeftAlert } from './runbooks/receive-alerts.usecase.js';
export { RunRunbook } from './runbooks/run-runbook.usecase.js';
export type { RunbookAnswer, RunbookQuestion } from './runbooks/run-runbook.usecase.js';
export { RunbookRuns } from './runbooks/runbook-runs.usecase.js';
export type { RunbookRunDetails } from './runbooks/runbook-runs.usecase.js';
export { RunbookShelf } from './runbooks/runbook-shelf.js';
export { RUN_RESULTS, RUNBOOK_INPUTS, STEP_OUTCOMES, STEP_SOURCES } from '#checks';
export type { Runbook, RunbookReport } from '#checks';
export type { RunbookRunRecord } from '#store';
export { AREAS, CONFIDENCES, CONTROL_STATES, FRAMEWORKS, OUTCOMES, SCOPES, SEVERITIES } from '#checks';
export type { Check, ControlScore, Evidence, Fix, FrameworkScore, NamespaceScore, Prediction, Score } from '#checks';
export { Flows } from './flows/flows.usecase.js';
export type { ExplainedFlows, FlowFileSummary, FlowSuggestionsAnswer } from './flows/flows.usecase.js';
export { Fleet } from './fleet/fleet.usecase.js';
export type { FleetConnection, FleetEnd, FleetResult } from './fleet/fleet.usecase.js';
export { Patterns } from './patterns/patterns.usecase.js';
export type { PatternAnswer } from './patterns/patterns.usecase.js';
export type { Pattern } from '#checks';
export { CrossCluster } from './paths/cross-cluster.usecase.js';
export type { CrossClusterOutcome } from './paths/cross-cluster.usecase.js';
export { Probes } from './probe/probe.usecase.js';
export type { ProbePlanAnswer, ProbeResultsAnswer } from './probe/probe.usecase.js';
export { AuditReports, REPORT_MEDIA_TYPES } from './reports/audit-reports.usecase.js';
export type { ReportFile } from './reports/audit-reports.usecase.js';
