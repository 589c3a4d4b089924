import { expect } from '@jest/globals';
import type { AgentPosition, AgentReceipt, AgentSession } from '#analysis';
import type { ChangeListBody } from '../../../apps/api/src/changes/changes.mapper.js';
import type { BaselineBody } from '../../../apps/api/src/baselines/baselines.controller.js';
import type {
  AuditBody,
  AuditListBody,
  AuditScoresBody,
  AuditTrendBody,
  CheckListBody,
  FindingAnswerBody,
  FindingListBody,
  SuppressionBody,
  SuppressionListBody,
} from '../../../apps/api/src/audits/audits.mapper.js';
import type { CniListBody } from '../../../apps/api/src/cnis/cnis.mapper.js';
import type {
  AssertionEventsBody,
  AssertionReportBody,
  KeptAssertionsBody,
} from '../../../apps/api/src/assertions/assertion.mapper.js';
import type {
  ChannelBody,
  ChannelListBody,
  ChannelTestBody,
  DeliveryBody,
  DeliveryListBody,
} from '../../../apps/api/src/channels/channels.mapper.js';
import type { ResyncBody } from '../../../apps/api/src/clusters/cluster-resync.js';
import type {
  ClusterBody,
  ClusterCniBody,
  ClusterListBody,
  ClusterProblemsBody,
} from '../../../apps/api/src/clusters/clusters.mapper.js';
import type { DriftBody, DriftTimelineBody, SinceBody, WhatIfBody } from '../../../apps/api/src/drift/drift.mapper.js';
import type {
  CniHistoryBody,
  CniNodeListBody,
  SnapshotBody,
  SnapshotListBody,
} from '../../../apps/api/src/history/history.mapper.js';
import type {
  connectionGraphBody,
  connectionListBody,
  connectionMatrixBody,
} from '../../../apps/api/src/connections/connections.body.js';
import type { FilledPatternBody, PatternListBody } from '../../../apps/api/src/patterns/patterns.controller.js';
import type {
  ExplainedFlowsBody,
  KeepFlowsBody,
  KeptFlowsBody,
  SuggestionsBody,
} from '../../../apps/api/src/flows/flows.controller.js';
import type {
  CrossClusterBody,
  FleetBody,
  ProbePlanBody,
  ProbeResultsBody,
} from '../../../apps/api/src/fleet/fleet.controller.js';
import type {
  blastBody,
  entryPointsBody,
  exposureListBody,
  leverReportBody,
  whyBody,
} from '../../../apps/api/src/connections/outside.body.js';
import type { Problem } from '../../../apps/api/src/http/problem.js';
import type { ListBody, ObjectAnswerBody } from '../../../apps/api/src/inventory/inventory.mapper.js';
import type { JobBody, JobListBody } from '../../../apps/api/src/jobs/jobs.mapper.js';
import { OPERATIONS } from '../../../apps/api/src/openapi/operations.js';
import type {
  ReachabilityBatchBody,
  ReachabilityBody,
  VerdictBody,
} from '../../../apps/api/src/reachability/reachability.mapper.js';
import type { Body } from '../../../apps/api/src/rest/schema-registry.js';
import type {
  AlertsReceivedBody,
  MetricsSourceBody,
  RunbookBody,
  RunbookRunBody,
  RunbookRunListBody,
  StoredRunBody,
} from '../../../apps/api/src/runbooks/runbooks.mapper.js';
import type { ReportBody, ReportListBody } from '../../../apps/api/src/reports/reports.mapper.js';
import type {
  ScheduleBody,
  ScheduleListBody,
  SchedulePreviewBody,
  ScheduleRunListBody,
} from '../../../apps/api/src/schedules/schedules.mapper.js';
import type {
  ClusterCountsBody,
  FleetCountsBody,
  LabelListBody,
  SearchResultBody,
  SelectedListBody,
  SelectingListBody,
} from '../../../apps/api/src/search/search.mapper.js';
import { problemBody } from '../../../apps/api/src/rest/shared.body.js';
import type { Reply } from './api-under-test.js';

/** What each operation answers. */
interface Bodies {
  listPatterns: PatternListBody;
  fillPattern: FilledPatternBody;
  explainFlows: ExplainedFlowsBody;
  suggestPolicies: SuggestionsBody;
  keepFlows: KeepFlowsBody;
  listKeptFlows: KeptFlowsBody;
  readonly canReach: ReachabilityBody;
  readonly canReachBatch: ReachabilityBatchBody;
  readonly canReachByQuery: ReachabilityBody;
  readonly reachVerdict: VerdictBody;
  readonly reachVerdictByQuery: VerdictBody;
  readonly askFleet: FleetBody;
  readonly getPolicyLevers: Body<typeof leverReportBody>;
  readonly crossCluster: CrossClusterBody;
  readonly planProbes: ProbePlanBody;
  readonly judgeProbes: ProbeResultsBody;
  readonly checkAssertions: AssertionReportBody;
  readonly getAssertions: KeptAssertionsBody;
  readonly getBaseline: BaselineBody;
  readonly setBaseline: BaselineBody;
  readonly removeBaseline: null;
  readonly setAssertions: KeptAssertionsBody;
  readonly removeAssertions: null;
  readonly listAssertionEvents: AssertionEventsBody;
  readonly streamDrift: DriftTimelineBody['items'][number];
  readonly drift: DriftBody;
  readonly driftByQuery: DriftBody;
  readonly whatIf: WhatIfBody;
  readonly driftTimeline: DriftTimelineBody;
  readonly reachableSince: SinceBody;
  readonly listConnections: Body<typeof connectionListBody>;
  readonly getConnectionMatrix: Body<typeof connectionMatrixBody>;
  readonly getConnectionGraph: Body<typeof connectionGraphBody>;
  readonly listEntryPoints: Body<typeof entryPointsBody>;
  readonly listExposure: Body<typeof exposureListBody>;
  readonly getBlastRadius: Body<typeof blastBody>;
  readonly why: Body<typeof whyBody>;
  readonly whyByQuery: Body<typeof whyBody>;
  readonly addCluster: ClusterBody;
  readonly listClusters: ClusterListBody;
  readonly getCluster: ClusterBody;
  readonly changeCluster: ClusterBody;
  readonly removeCluster: null;
  readonly resyncCluster: ResyncBody;
  readonly uploadManifests: ClusterBody;
  readonly issueAgentToken: { readonly token: string };
  readonly openAgentSession: AgentSession;
  readonly sendAgentBatch: AgentReceipt;
  readonly sendAgentReport: null;
  readonly getAgentPosition: AgentPosition;
  readonly keepAgentPosition: null;
  readonly getJob: JobBody;
  readonly listJobs: JobListBody;
  readonly cancelJob: JobBody;
  readonly streamJob: null;
  readonly listChecks: CheckListBody;
  readonly startAudit: JobBody;
  readonly listAudits: AuditListBody;
  readonly getAudit: AuditBody;
  readonly getLatestAudit: AuditBody;
  readonly getAuditScores: AuditScoresBody;
  readonly getAuditTrend: AuditTrendBody;
  readonly listFindings: FindingListBody;
  readonly getFinding: FindingAnswerBody;
  readonly addSuppression: SuppressionBody;
  readonly listSuppressions: SuppressionListBody;
  readonly removeSuppression: null;
  readonly getCni: ClusterCniBody;
  readonly compareCnis: CniListBody;
  readonly listProblems: ClusterProblemsBody;
  readonly listChanges: ChangeListBody;
  readonly listSnapshots: SnapshotListBody;
  readonly changeSnapshot: SnapshotBody;
  readonly getCniHistory: CniHistoryBody;
  readonly listCniNodes: CniNodeListBody;
  readonly search: SearchResultBody;
  readonly countFleet: FleetCountsBody;
  readonly countCluster: ClusterCountsBody;
  readonly listLabels: LabelListBody;
  readonly listSelected: SelectedListBody;
  readonly listPoliciesOfPod: SelectingListBody;
  readonly listPolicies: ListBody<'policies'>;
  readonly listNamespaces: ListBody<'namespaces'>;
  readonly listPods: ListBody<'pods'>;
  readonly listWorkloads: ListBody<'workloads'>;
  readonly listServices: ListBody<'services'>;
  readonly listNodes: ListBody<'nodes'>;
  readonly listObjects: ListBody<'objects'>;
  readonly getObject: ObjectAnswerBody;
  readonly listRunbooks: { readonly items: readonly RunbookBody[] };
  readonly getRunbook: RunbookBody;
  readonly runRunbook: RunbookRunBody;
  readonly listRunbookRuns: RunbookRunListBody;
  readonly getRunbookRun: StoredRunBody;
  readonly setMetricsSource: MetricsSourceBody;
  readonly getMetricsSource: MetricsSourceBody;
  readonly removeMetricsSource: null;
  readonly receiveAlerts: AlertsReceivedBody;
  readonly makeReport: JobBody;
  readonly listReports: ReportListBody;
  readonly getReport: ReportBody;
  readonly removeReport: null;
  readonly createChannel: ChannelBody;
  readonly listChannels: ChannelListBody;
  readonly getChannel: ChannelBody;
  readonly updateChannel: ChannelBody;
  readonly removeChannel: null;
  readonly testChannel: ChannelTestBody;
  readonly askInChat: object;
  readonly listDeliveries: DeliveryListBody;
  readonly sendAgain: DeliveryBody;
  readonly previewSchedule: SchedulePreviewBody;
  readonly createSchedule: ScheduleBody;
  readonly listSchedules: ScheduleListBody;
  readonly getSchedule: ScheduleBody;
  readonly updateSchedule: ScheduleBody;
  readonly removeSchedule: null;
  readonly runSchedule: JobBody;
  readonly listScheduleRuns: ScheduleRunListBody;
}

/** Holds a success against what the description says of the operation: status, and every field of the body. */
export function expectDescribed<K extends keyof Bodies>(operationId: K, reply: Reply): Bodies[K] {
  const operation = OPERATIONS.find(({ id }) => id === operationId);
  if (operation === undefined) throw new Error(`no operation ${operationId}`);
  expect({ status: reply.status, text: reply.status < 400 ? '' : reply.text }).toEqual({
    status: operation.status,
    text: '',
  });
  if (operation.response === null) expect(reply.text).toBe('');
  else if (operation.isStream === true) expect(reply.headers.get('content-type')).toContain('text/event-stream');
  else expect(operation.response.safeParse(reply.json).error?.issues ?? []).toEqual([]);
  return reply.json as Bodies[K];
}

/** Holds a failure against the shape of every problem, and gives it. */
export function expectProblem(reply: Reply): Problem {
  expect(reply.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(problemBody.safeParse(reply.json).error?.issues ?? []).toEqual([]);
  expect(reply.json).toMatchObject({ status: reply.status, requestId: reply.headers.get('x-request-id') });
  return reply.json as Problem;
}
