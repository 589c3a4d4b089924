import {
  renderDriftMarkdown,
  renderDriftText,
  renderFlowsMarkdown,
  triedFlowsText,
  type DriftEntryView,
  type DriftReport,
  type FlowImpact,
  type TriedFlows,
} from '#engine';

import { EXIT, type ExitCode } from '../exit-code.js';
import type { TextFormat } from '../output/format-option.js';
import { tell } from '../output/tell.js';
import { provenanceLine, type RemoteProvenance } from '../server/provenance-line.js';
import { renderTable } from '../table.js';
import type { Terminal } from '../terminal.js';

export type FailOn = 'dangerous' | 'breaking' | 'any' | 'none';

/** A report with what else there is to tell. */
export interface DriftToTell {
  readonly report: DriftReport;
  readonly title: string;
  /** Of the report in JSON: provenance and the like. */
  readonly extra: Readonly<Record<string, unknown>> & Partial<RemoteProvenance>;
  readonly flows?: readonly FlowImpact[] | undefined;
  /** The command that tries an entry out, but for its id; absent where nothing can be tried. */
  readonly probe?: string;
  /** Flows that a server keeps, when the change was tried on those. */
  readonly keptFlows?: TriedFlows | undefined;
}

/** Prints a report and gives the exit code that `failOn` makes of it. A flow that is cut is breaking. */
export async function tellDrift(
  drift: DriftToTell,
  output: TextFormat,
  failOn: FailOn,
  terminal: Terminal,
): Promise<ExitCode> {
  const { report, title, extra, flows = [], keptFlows } = drift;
  if (keptFlows !== undefined) terminal.err(triedFlowsText(keptFlows));
  const words = (): void => {
    const { asOf, completeness } = extra;
    terminal.out(renderDriftText(report, drift.probe).trimEnd() + flowTable(flows));
    if (asOf !== undefined && completeness !== undefined) terminal.err(provenanceLine({ asOf, completeness }));
  };
  if (output === 'md') terminal.out(renderDriftMarkdown(report, title) + renderFlowsMarkdown(flows, keptFlows));
  else {
    const data = { ...report, ...extra, ...(drift.flows && { flows }), ...(keptFlows && { keptFlows }) };
    await tell({ data, words, columns: COLUMNS, rows: () => report.entries.map(cellsOf) }, output, terminal);
  }
  const { dangerous, breaking, entries } = report.summary;
  const cut = flows.filter(({ effect }) => effect === 'cut').length;
  const counts = { none: 0, dangerous, breaking: breaking + cut, any: entries + cut };
  return counts[failOn] > 0 ? EXIT.unexpected : EXIT.ok;
}

const COLUMNS = ['type', 'dangerous', 'breaking', 'what', 'before', 'after', 'causes'];

function cellsOf({ type, dangerous, breaking, summary, before, after, causes }: DriftEntryView): string[] {
  const flag = (is: boolean): string => (is ? 'yes' : '');
  return [type, flag(dangerous), flag(breaking), summary, before, after, causes.map(({ text }) => text).join('; ')];
}

function flowTable(flows: readonly FlowImpact[]): string {
  if (flows.length === 0) return '';
  const rows = flows.map(({ flow, effect, why }) => [effect, flow.src, flow.dst, String(flow.port ?? '-'), why]);
  return `\n\n${renderTable(['FLOW', 'FROM', 'TO', 'PORT', 'WHY'], rows)}`;
}
