import type {
  AlertsReceived,
  MetricsSourceStatus,
  Runbook,
  RunbookAnswer,
  RunbookRunDetails,
  RunbookRunRecord,
} from '#analysis';
import { provenanceToBody } from '../rest/provenance.mapper.js';
import type { Body } from '../rest/schema-registry.js';
import type {
  alertsReceivedBody,
  metricsSourceBody,
  runbookBody,
  runbookRunBody,
  runbookRunListBody,
  storedRunBody,
} from './runbook.body.js';

export type RunbookBody = Body<typeof runbookBody>;
export type RunbookRunBody = Body<typeof runbookRunBody>;
export type StoredRunBody = Body<typeof storedRunBody>;
export type RunbookRunListBody = Body<typeof runbookRunListBody>;
export type MetricsSourceBody = Body<typeof metricsSourceBody>;
export type AlertsReceivedBody = Body<typeof alertsReceivedBody>;

export function runbookToBody({ id, number, title, description, needs, takes, alerts, steps }: Runbook): RunbookBody {
  const told = steps.map((step) => ({ id: step.id, title: step.title, source: step.source, expected: step.expected }));
  return { id, number, title, description, needs, takes, alerts, steps: told };
}

export function runbookAnswerToBody(answer: RunbookAnswer): RunbookRunBody {
  const { id, report } = answer;
  return { id, ...report, ...provenanceToBody(answer) };
}

export function storedRunToBody(run: RunbookRunDetails): StoredRunBody {
  return { ...listedRun(run), ...run.report };
}

export function runToBody(run: RunbookRunRecord): RunbookRunListBody['items'][number] {
  return { ...listedRun(run), result: run.result, answer: run.answer };
}

function listedRun({ id, runbook, input, snapshotSeq, ranAt }: RunbookRunRecord) {
  return { id, runbook, input, snapshotSeq, ranAt: ranAt.toISOString() };
}

export function metricsSourceToBody({ updatedAt, ...source }: MetricsSourceStatus): MetricsSourceBody {
  return { ...source, updatedAt: updatedAt.toISOString() };
}

export function alertsReceivedToBody(received: AlertsReceived): AlertsReceivedBody {
  return received;
}
