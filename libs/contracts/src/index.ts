export { AppError, ERROR_CODES, isAppError } from './app-error.js';
export type { ErrorCode, FieldError } from './app-error.js';
export { CLUSTER_CHANNEL, CLUSTER_STATES, SNAPSHOT_CHANNEL, SYNC_CHANNEL } from './cluster.js';
export type { ClusterProblem, ClusterSource, ClusterState, KindCompleteness } from './cluster.js';
export {
  auditInput,
  auditsInput,
  auditTrendInput,
  FINDING_STATES,
  findingsInput,
  SUPPRESSION_FILTERS,
  suppressionInput,
  suppressionsInput,
} from './inputs/audit.input.js';
export type {
  AuditInput,
  AuditsInput,
  AuditTrendInput,
  FindingsInput,
  SuppressionInput,
  SuppressionsInput,
} from './inputs/audit.input.js';
export {
  CHANNEL_EVENTS,
  CHAT_ROUTE,
  CHANNEL_TYPES,
  channelsInput,
  createChannelInput,
  deliveriesInput,
  DELIVERY_STATES,
  patchChannelInput,
} from './inputs/channel.input.js';
export type {
  ChannelEvent,
  ChannelsInput,
  ChannelTarget,
  ChannelType,
  CreateChannelInput,
  DeliveriesInput,
  DeliveryState,
  PatchChannelInput,
} from './inputs/channel.input.js';
export {
  AGENT_BATCH_MEDIA_TYPE,
  AGENT_ROUTES,
  agentBatchHead,
  agentBatchLine,
  agentPositionInput,
  agentReportInput,
  agentSequence,
  agentSession,
  agentSessionInput,
} from './inputs/agent.input.js';
export type { AgentPositions, AgentReport } from './inputs/agent.input.js';
export {
  ASSERTION_CHANNEL,
  assertionEventsInput,
  assertionEventStreamInput,
  assertionFile,
  checkAssertionsInput,
  setAssertionsInput,
} from './inputs/assertion.input.js';
export type {
  AssertionEntry,
  AssertionEventsInput,
  AssertionFileContent,
  AssertionPeer,
  CheckAssertionsInput,
} from './inputs/assertion.input.js';
export { setBaselineInput } from './inputs/baseline.input.js';
export type { SetBaselineInput } from './inputs/baseline.input.js';
export { clusterName, clustersInput, createClusterInput, snapshotsInput } from './inputs/cluster.input.js';
export type { ClustersInput, ClusterSourceInput, CreateClusterInput, SnapshotsInput } from './inputs/cluster.input.js';
export { allConnectionsInput, connectionsInput, flag, portRange, readingName } from './inputs/connections.input.js';
export type { AllConnectionsInput, ConnectionsInput, PortRange } from './inputs/connections.input.js';
export { blastInput, entryPointsInput, exposureInput, leversInput } from './inputs/exposure.input.js';
export type {
  AllExposureInput,
  BlastInput,
  EntryPointsInput,
  ExposureInput,
  LeversInput,
} from './inputs/exposure.input.js';
export { jobsInput } from './inputs/jobs.input.js';
export type { JobsInput } from './inputs/jobs.input.js';
export {
  clusterRef,
  DRIFT_CHANNEL,
  DRIFT_ENTRY_TYPES,
  driftFilter,
  driftInput,
  driftTimelineInput,
  MAX_FLOWS,
  observedFlow,
  sinceInput,
  whatIfInput,
} from './inputs/drift.input.js';
export type {
  DriftFilterInput,
  DriftInput,
  DriftStatesInput,
  DriftTimelineInput,
  ObservedFlowInput,
  SinceInput,
  WhatIfInput,
} from './inputs/drift.input.js';
export {
  explainFlowsInput,
  FLOW_MEDIA_TYPES,
  FLOW_STANDINGS,
  flowFile,
  MAX_FLOW_FILE_BYTES,
  POLICY_FORMS,
  suggestFlowsInput,
  keptFlowsInput,
  SEEN_VERDICTS,
} from './inputs/flows.input.js';
export type { ExplainFlowsInput, KeptFlowsInput, SuggestFlowsInput } from './inputs/flows.input.js';
export { labelQueryInput } from './inputs/label-query.input.js';
export {
  MAX_PAGE_LIMIT,
  pageCursor,
  pageInput,
  pageLimit,
  sortedPageInput,
  walkedPageInput,
} from './inputs/paging.input.js';
export type { Page, PageInput, SortedPageInput, SortStep } from './inputs/paging.input.js';
export { BUNDLE_FORMS, patternInput } from './inputs/pattern.input.js';
export type { PatternInput } from './inputs/pattern.input.js';
export { fieldErrors, mistakeWords, moreMistakes, parseInput } from './inputs/parse-input.js';
export { reachabilityBatchInput, reachabilityInput } from './inputs/reachability.input.js';
export type { ReachabilityBatchInput, ReachabilityInput } from './inputs/reachability.input.js';
export {
  alertmanagerInput,
  alertmanagerQuery,
  metricsSourceInput,
  runbookInputs,
  runbookRunInput,
  runbookRunsInput,
} from './inputs/runbook.input.js';
export type {
  AlertmanagerInput,
  MetricsSourceInput,
  RunbookInputsInput,
  RunbookResult,
  RunbookRunInput,
  RunbookRunsInput,
} from './inputs/runbook.input.js';
export { makeReportInput, REPORT_FORMATS, reportInput, reportQuery, reportsInput } from './inputs/report.input.js';
export type { MakeReportInput, ReportFormat, ReportInput, ReportQuery, ReportsInput } from './inputs/report.input.js';
export {
  createScheduleInput,
  patchScheduleInput,
  previewScheduleInput,
  scheduleRunsInput,
  schedulesInput,
  SCHEDULE_TASKS,
} from './inputs/schedule.input.js';
export type {
  CreateScheduleInput,
  PatchScheduleInput,
  PreviewScheduleInput,
  ScheduleRunsInput,
  SchedulesInput,
  ScheduleTask,
} from './inputs/schedule.input.js';
export { readTime } from './inputs/read-time.js';
export { snapshotAt } from './inputs/snapshot-time.input.js';
export type { SnapshotAt } from './inputs/snapshot-time.input.js';
export { JOB_CHANNEL, JOB_EVENTS, JOB_NAMES, JOBS, RUN_STATES, TRACKED_JOB_NAMES } from './jobs.js';
export type {
  JobEventName,
  JobInput,
  JobName,
  JobPayload,
  JobProgress,
  RunMessage,
  RunState,
  TrackedJobName,
} from './jobs.js';
export { labelQueryText, matchesLabels, parseLabelQuery } from './label-query.js';
export type { LabelQuery } from './label-query.js';
export { crossClusterInput, fleetInput, probePlanInput, probeResultsInput } from './inputs/fleet.input.js';
export type { CrossClusterInput, FleetInput, ProbePlanInput, ProbeResultsInput } from './inputs/fleet.input.js';
