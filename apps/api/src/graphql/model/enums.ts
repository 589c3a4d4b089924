import { registerEnumType } from '@nestjs/graphql';
import { DRIFT_TYPES, PROBE_OUTCOMES, REASON_CODES } from '#engine';
import {
  AREAS,
  COLLECTIONS,
  CONFIDENCES,
  CONTROL_STATES,
  FIX_ACTIONS,
  OUTCOMES,
  RUN_RESULTS,
  RUNBOOK_INPUTS,
  SCOPES,
  SEVERITIES,
  STEP_OUTCOMES,
  STEP_SOURCES,
} from '#analysis';
import {
  BUNDLE_FORMS,
  CHANNEL_EVENTS,
  CHANNEL_TYPES,
  CLUSTER_STATES,
  DELIVERY_STATES,
  FINDING_STATES,
  JOB_EVENTS,
  FLOW_STANDINGS,
  POLICY_FORMS,
  REPORT_FORMATS,
  RUN_STATES,
  SCHEDULE_TASKS,
  SUPPRESSION_FILTERS,
  TRACKED_JOB_NAMES,
} from '#contracts';

const upperSnake = (value: string): string =>
  value
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .replaceAll(/[-.]/g, '_')
    .toUpperCase();

/** GraphQL names values in upper case; inside they are the words that the rest of the product uses. */
function enumOf<const T extends readonly string[]>(
  name: string,
  values: T,
  description: string,
): Record<string, T[number]> {
  const type = Object.fromEntries(values.map((value) => [upperSnake(value), value]));
  registerEnumType(type, { name, description });
  return type;
}

export const VerdictEnum = enumOf(
  'Verdict',
  ['allowed', 'denied', 'mixed', 'undetermined'],
  'What happens to a flow. MIXED: replicas, backends or ports differ. UNDETERMINED: it cannot be told.',
);
export const FleetResultTypeEnum = enumOf(
  'FleetResultType',
  ['answer', 'absent', 'failed'],
  'ABSENT: the cluster does not have what was asked about. FAILED: it could not be asked.',
);
export const RouteKindEnum = enumOf(
  'RouteKind',
  ['pod-address', 'node-port', 'load-balancer', 'cluster-mesh'],
  'By what an endpoint is reached from another cluster.',
);
export const ProbePredictionEnum = enumOf(
  'ProbePrediction',
  ['open', 'blocked', 'unknown'],
  'What a probe should see.',
);
export const ProbeOutcomeEnum = enumOf(
  'ProbeOutcome',
  PROBE_OUTCOMES,
  'What a probe saw. SENT: nothing answers that way of asking.',
);
export const ProbeWayEnum = enumOf(
  'ProbeWay',
  ['pod', 'debug', 'node', 'outside'],
  'Where a probe runs: in a pod of its own, beside the pod, on its node, or on a machine outside.',
);
export const FlowVerdictEnum = enumOf(
  'FlowVerdict',
  ['allow', 'deny', 'unknown'],
  'What happens to one concrete flow.',
);
export const ReasonEnum = enumOf('ReasonCode', REASON_CODES, 'Why. Codes are stable, texts beside them are not.');
export const HopEnum = enumOf(
  'Hop',
  ['source', 'egress', 'translation', 'ingress', 'destination'],
  'Where on the way a step is.',
);
export const DirectionEnum = enumOf('Direction', ['ingress', 'egress'], 'A direction, seen from the pod.');
export const StepDecisionEnum = enumOf(
  'StepDecision',
  ['allow', 'deny', 'pass', 'no-match', 'not-isolated', 'isolated', 'unknown', 'info'],
  'What a step contributed.',
);
export const FixActionEnum = enumOf(
  'FixAction',
  ['apply', 'change'],
  'Whether a fix is a new object or a changed one.',
);
export const FindingFixActionEnum = enumOf(
  'FindingFixAction',
  FIX_ACTIONS,
  'What a fix asks for. Nothing is ever applied by this service.',
);
export const DriftCauseTypeEnum = enumOf(
  'DriftCauseType',
  ['policy', 'label', 'enforcement', 'object'],
  'What about an object made a difference.',
);
export const PolicyMeaningEnum = enumOf(
  'PolicyMeaning',
  ['same', 'different'],
  'SAME: a changed policy says the same in other words.',
);
export const ExpectationEnum = enumOf('Expectation', ['allowed', 'denied'], 'What is expected.');
export const ReachStateEnum = enumOf('ReachState', ['reachable', 'unreachable', 'unknown'], 'Whether it is in reach.');
export const LeverChangeEnum = enumOf('LeverChange', ['remove', 'add'], 'What would be done to a policy.');
export const SeenAsEnum = enumOf('SeenAs', ['client', 'node', 'proxy'], 'Whose address policy sees.');
export const DiagnosticClassEnum = enumOf(
  'DiagnosticClass',
  ['error', 'unsupported', 'suspect', 'note'],
  'How much a diagnostic weighs.',
);
export const EnforcedEnum = enumOf('Enforced', ['yes', 'no', 'unknown'], 'Whether a CNI enforces policy.');
export const KindSupportEnum = enumOf(
  'KindSupport',
  ['no', 'partial', 'unknown'],
  'How far a CNI enforces a kind of policy that it does not enforce in full.',
);
export const CapabilitySupportEnum = enumOf(
  'CapabilitySupport',
  ['yes', 'no', 'partial', 'unknown'],
  'Whether a CNI implements a part of the specification.',
);
export const DeviationEnum = enumOf(
  'Deviation',
  ['exact', 'ignored', 'widened', 'narrowed', 'rejected', 'unknown'],
  'What a construct of policy becomes on a CNI.',
);
export const ChangeTypeEnum = enumOf('ChangeType', ['added', 'removed', 'changed'], 'What became of an object.');
export const CollectionEnum = enumOf('Collection', COLLECTIONS, 'The lists of objects. OBJECTS holds every kind.');
export const SelectedTypeEnum = enumOf(
  'SelectedType',
  ['pod', 'hostpod', 'node', 'template', 'other'],
  "What is selected. HOSTPOD: a pod on its node's network. TEMPLATE: of a workload without pods.",
);
export const ClusterStateEnum = enumOf(
  'ClusterState',
  CLUSTER_STATES,
  'Where the sync of a cluster stands. DEGRADED: synced, but something is missing or was refused.',
);
export const ClusterSourceTypeEnum = enumOf(
  'ClusterSourceType',
  ['kubeconfig', 'inCluster', 'folder', 'archive', 'upload', 'agent'],
  'Where the objects of a cluster come from.',
);
export const ProblemOriginEnum = enumOf(
  'ProblemOrigin',
  ['source', 'object'],
  'SOURCE: could not be read. OBJECT: read, but not fully understood.',
);
export const PeerTypeEnum = enumOf(
  'PeerType',
  [
    'name',
    'pod',
    'workload',
    'service',
    'namespace',
    'node',
    'address',
    'block',
    'hostName',
    'selection',
    'hypothetical',
  ],
  'What a side of a question names.',
);
export const UploadEncodingEnum = enumOf(
  'UploadEncoding',
  ['text', 'base64'],
  'How the content of an upload is written.',
);
export const JobStateEnum = enumOf('JobState', RUN_STATES, 'Where a job stands. The last three are for good.');
export const ChannelTypeEnum = enumOf('ChannelType', CHANNEL_TYPES, 'A sort of channel.');
export const ChannelEventEnum = enumOf('ChannelEvent', CHANNEL_EVENTS, 'What a channel may be told.');
export const DeliveryStateEnum = enumOf(
  'DeliveryState',
  DELIVERY_STATES,
  'Where a delivery stands. DEAD: given up, and can be sent again.',
);
export const SmtpSecurityEnum = enumOf(
  'SmtpSecurity',
  ['tls', 'starttls', 'none'],
  'How mail is kept from being read on its way.',
);
export const ReportFormatEnum = enumOf('ReportFormat', REPORT_FORMATS, 'How a report looks.');
export const ScheduleTaskEnum = enumOf('ScheduleTaskType', SCHEDULE_TASKS, 'What a schedule has done.');
export const JobEventEnum = enumOf('JobEventName', JOB_EVENTS, 'What a job tells. DONE and FAILED are the last.');
export const JobNameEnum = enumOf('JobName', TRACKED_JOB_NAMES, 'What a job does.');
export const DriftTypeEnum = enumOf('DriftType', DRIFT_TYPES, 'How what can talk to what differs.');
export const FlowStandingEnum = enumOf(
  'FlowStanding',
  FLOW_STANDINGS,
  'How a flow that was seen stands to policy. OPEN: it passed and no policy speaks for it. ELSEWHERE: not policy dropped it.',
);
export const SeenVerdictEnum = enumOf(
  'SeenVerdict',
  ['forwarded', 'dropped', 'audited', 'unknown'],
  'What became of a flow that was seen. AUDITED: it passed and would not have, were policy enforced.',
);
export const PolicyFormEnum = enumOf('PolicyForm', POLICY_FORMS, 'Kinds of policy that are written.');
export const BundleFormEnum = enumOf('BundleForm', BUNDLE_FORMS, 'Policies as they are, or what keeps them in place.');
export const ReadingNameEnum = enumOf(
  'ReadingName',
  ['intended', 'enforced'],
  'INTENDED: what policy says. ENFORCED: what this cluster makes of it.',
);
export const FlowEffectEnum = enumOf(
  'FlowEffect',
  ['cut', 'opened', 'doubtful', 'not-found'],
  'What a change does to a flow.',
);
export const RunbookInputEnum = enumOf('RunbookInput', RUNBOOK_INPUTS, 'What a runbook may be asked about.');
export const RunResultEnum = enumOf('RunResult', RUN_RESULTS, 'How a run ended. UNDETERMINED: something is missing.');
export const StepOutcomeEnum = enumOf(
  'StepOutcome',
  STEP_OUTCOMES,
  'What a step came to. FAIL: it is not as it must be. SKIP: a source is missing.',
);
export const StepSourceEnum = enumOf('StepSource', STEP_SOURCES, 'What a step looks at.');
export const SeverityEnum = enumOf('Severity', SEVERITIES, 'How much a finding weighs.');
export const ConfidenceEnum = enumOf(
  'Confidence',
  CONFIDENCES,
  'How sure a finding is: evaluated, resting on one assumption, or a heuristic.',
);
export const CheckAreaEnum = enumOf('CheckArea', AREAS, 'What checks are grouped by.');
export const CheckScopeEnum = enumOf('CheckScope', SCOPES, 'What a finding speaks of.');
export const CheckOutcomeEnum = enumOf(
  'CheckOutcome',
  OUTCOMES,
  'What a check came to. SKIP: a source is missing. UNKNOWN: what is there does not settle it.',
);
export const ControlStatusEnum = enumOf(
  'ControlStatus',
  CONTROL_STATES,
  'What checks say of a control: evidence for it, never proof of it.',
);
export const FindingStateEnum = enumOf(
  'FindingState',
  FINDING_STATES,
  'NEW: not in the report before. RESOLVED: in the report before and not in this one.',
);
export const SuppressionFilterEnum = enumOf(
  'SuppressionFilter',
  SUPPRESSION_FILTERS,
  'Whether to show what is suppressed.',
);
export const ListedByEnum = enumOf('ListedBy', ['pod', 'workload', 'namespace'], 'What one side of a row stands for.');
export const GroupedByEnum = enumOf('GroupedBy', ['workload', 'namespace'], 'What is told as one.');
export const RowVerdictEnum = enumOf(
  'RowVerdict',
  ['allow', 'unknown'],
  'Which connections to list: those that certainly pass, or those of which it cannot be told.',
);
export const FocusDirectionEnum = enumOf(
  'FocusDirection',
  ['both', 'ingress', 'egress'],
  'INGRESS: who reaches the focus. EGRESS: whom it reaches.',
);
export const EdgeStateEnum = enumOf(
  'EdgeState',
  ['allowed', 'denied', 'unknown', 'not-reached'],
  'How an edge or a step ends.',
);
export const GraphNodeKindEnum = enumOf(
  'GraphNodeKind',
  ['namespace', 'workload', 'node', 'outside', 'service', 'policy', 'start', 'more'],
  'What a node of a picture stands for.',
);
export const PictureFormatEnum = enumOf('PictureFormat', ['svg', 'dot', 'mermaid'], 'How a picture is written.');
export const AssertionOutcomeEnum = enumOf(
  'AssertionOutcome',
  ['pass', 'fail', 'unknown', 'error'],
  'What came of an expectation. UNKNOWN: it cannot be told. ERROR: a peer is not there.',
);
export const BlastDirectionEnum = enumOf(
  'BlastDirection',
  ['from', 'to'],
  'FROM: what it reaches. TO: who reaches it.',
);
