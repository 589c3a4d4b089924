import { renderDriftMarkdown, renderDriftText, renderFlowsMarkdown, type DriftReport, type FlowImpact } from '#engine';

import { EXIT, type ExitCode } from '../exit-code.js';
import { provenanceLine, type RemoteProvenance } from '../server/provenance-line.js';
import { renderTable } from '../table.js';
import type { Terminal } from '../terminal.js';

export type FailOn = 'dangerous' | 'breaking' | 'any' | 'none';
export type DriftFormat = 'text' | 'json' | 'md';

/** A report with what else there is to tell. */
export interface DriftToTell {
  readonly report: DriftReport;
  readonly title: string;
  /** Of the report in JSON: provenance and the like. */
  readonly extra: Readonly<Record<string, unknown>> & Partial<RemoteProvenance>;
  readonly flows?: readonly FlowImpact[] | undefined;
}

/** Prints a report and gives the exit code that `failOn` makes of it. A flow that is cut is breaking. */
export function tellDrift(drift: DriftToTell, output: DriftFormat, failOn: FailOn, terminal: Terminal): ExitCode {
  const { report, title, extra, flows = [] } = drift;
  if (output === 'json') terminal.out(JSON.stringify({ ...report, ...extra, ...(drift.flows && { flows }) }, null, 2));
  else if (output === 'md') terminal.out(renderDriftMarkdown(report, title) + renderFlowsMarkdown(flows));
  else {
    const { asOf, completeness } = extra;
    terminal.out(renderDriftText(report).trimEnd() + flowTable(flows));
    if (asOf !== undefined && completeness !== undefined) terminal.err(provenanceLine({ asOf, completeness }));
  }
  const { dangerous, breaking, entries } = report.summary;
  const cut = flows.filter(({ effect }) => effect === 'cut').length;
  const counts = { none: 0, dangerous, breaking: breaking + cut, any: entries + cut };
  return counts[failOn] > 0 ? EXIT.unexpected : EXIT.ok;
}

function flowTable(flows: readonly FlowImpact[]): string {
  if (flows.length === 0) return '';
  const rows = flows.map(({ flow, effect, why }) => [effect, flow.src, flow.dst, String(flow.port ?? '-'), why]);
  return `\n\n${renderTable(['FLOW', 'FROM', 'TO', 'PORT', 'WHY'], rows)}`;
}
