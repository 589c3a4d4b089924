import { AGENT_OPERATIONS } from '../agents/agent.operations.js';
import { ASSERTION_OPERATIONS } from '../assertions/assertion.operations.js';
import { AUDIT_OPERATIONS } from '../audits/audit.operations.js';
import { BASELINE_OPERATIONS } from '../baselines/baseline.operations.js';
import { CHANGE_OPERATIONS } from '../changes/change.operations.js';
import { CHANNEL_OPERATIONS } from '../channels/channel.operations.js';
import { CLUSTER_OPERATIONS } from '../clusters/cluster.operations.js';
import { CNI_OPERATIONS } from '../cnis/cnis.operations.js';
import { CONNECTION_OPERATIONS } from '../connections/connections.operations.js';
import { DRIFT_OPERATIONS } from '../drift/drift.operations.js';
import { FLEET_OPERATIONS } from '../fleet/fleet.operations.js';
import { FLOW_OPERATIONS } from '../flows/flows.operations.js';
import { HISTORY_OPERATIONS } from '../history/history.operations.js';
import { INVENTORY_OPERATIONS } from '../inventory/inventory.operations.js';
import { JOB_OPERATIONS } from '../jobs/job.operations.js';
import { LOG_OPERATIONS } from '../log/log.operations.js';
import { PATTERN_OPERATIONS } from '../patterns/patterns.operations.js';
import { REACHABILITY_OPERATIONS } from '../reachability/reachability.operations.js';
import { REPORT_OPERATIONS } from '../reports/report.operations.js';
import { RUNBOOK_OPERATIONS } from '../runbooks/runbook.operations.js';
import { SCHEDULE_OPERATIONS } from '../schedules/schedule.operations.js';
import { SEARCH_OPERATIONS } from '../search/search.operations.js';
import { TOKEN_OPERATIONS } from '../tokens/token.operations.js';
import type { Operation } from './operation.js';

/** Every operation of the REST API. A test holds this table against the routes that the server has. */
export const OPERATIONS: readonly Operation[] = [
  ...REACHABILITY_OPERATIONS,
  ...DRIFT_OPERATIONS,
  ...BASELINE_OPERATIONS,
  ...ASSERTION_OPERATIONS,
  ...CLUSTER_OPERATIONS,
  ...CNI_OPERATIONS,
  ...AGENT_OPERATIONS,
  ...JOB_OPERATIONS,
  ...CHANGE_OPERATIONS,
  ...HISTORY_OPERATIONS,
  ...SEARCH_OPERATIONS,
  ...INVENTORY_OPERATIONS,
  ...CONNECTION_OPERATIONS,
  ...FLOW_OPERATIONS,
  ...PATTERN_OPERATIONS,
  ...FLEET_OPERATIONS,
  ...RUNBOOK_OPERATIONS,
  ...AUDIT_OPERATIONS,
  ...TOKEN_OPERATIONS,
  ...LOG_OPERATIONS,
  ...REPORT_OPERATIONS,
  ...SCHEDULE_OPERATIONS,
  ...CHANNEL_OPERATIONS,
];
