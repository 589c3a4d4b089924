import type { FlowSuggestions } from '#checks';
import { counted, type ExplainedFlow } from '#engine';
import type { FlowsRead } from '#flows';

import type { Terminal } from '../terminal.js';

/** What became of a file of flows; a server tells the time that they are of, too. */
export type FlowFile = Omit<FlowsRead, 'flows'> & {
  readonly flows: number;
  readonly firstSeen?: string;
  readonly lastSeen?: string;
};

/** What flows are of that were neither in a file nor asked of Relay. */
export const KEPT = 'the flows that the cluster keeps';

/** Tells on stderr what of a file is no flow, and of kept ones how many they are and of which time. */
export function tellFile(read: FlowFile, file: string, terminal: Terminal): void {
  const { flows, problems, problemCount, lost, firstSeen = '', lastSeen = '' } = read;
  if (file === KEPT) terminal.err(`of ${counted(flows, 'kept flow')}, seen since ${firstSeen}, last ${lastSeen}`);
  for (const { line, message } of problems) terminal.err(`warning: ${file}:${String(line)}: ${message}`);
  const rest = problemCount - problems.length;
  if (rest > 0) terminal.err(`warning: and ${String(rest)} more lines that cannot be read`);
  if (lost > 0)
    terminal.err(`warning: the source lost ${String(lost)} flows, so what is missing here may have happened`);
}

/** Flows by how they stand to policy, the oddest first; those that are allowed as they should be are counted only, unless `all`. */
export function renderExplained(items: readonly ExplainedFlow[], all: boolean): string {
  const told = ORDER.flatMap((standing) => items.filter((item) => item.standing === standing));
  const counts = [...new Set(told.map(({ standing }) => standing))].map(
    (standing) => `${String(told.filter((item) => item.standing === standing).length)} ${standing}`,
  );
  const odd = told.filter(({ standing }) => all || standing !== 'allowed');
  return [...odd.map(explainedLines), counts.length === 0 ? 'no flows' : `flows: ${counts.join(', ')}`].join('\n\n');
}

const ORDER: readonly ExplainedFlow['standing'][] = [
  'dropped-though-allowed',
  'forwarded-though-denied',
  'audited',
  'elsewhere',
  'undetermined',
  'open',
  'not-found',
  'denied',
  'allowed',
];

function explainedLines({ standing, source, destination, protocol, port, ...flow }: ExplainedFlow): string {
  const service = port === null ? protocol : `${protocol} ${String(port)}`;
  const last = flow.lastSeen === '' ? '' : `, last ${flow.lastSeen}`;
  return [
    `${standing.toUpperCase()}  ${source} → ${destination} on ${service}`,
    `  seen ${flow.seen} ${counted(flow.count, 'time')}${last}${flow.told.length === 0 ? '' : `, by ${flow.told.join(', ')}`}`,
    `  policy: ${flow.why}`,
    ...(flow.hint === '' ? [] : [`  hint: ${flow.hint}`]),
  ].join('\n');
}

/** The manifests, with everything else about them as comments above. */
export function renderSuggestions({ form, policies, manifest, prediction, kept, cut, notes }: FlowSuggestions): string {
  const changes = prediction.changes.map(
    ({ source, destination, opens, closes }) => `${source} → ${destination}: opens ${opens}, closes ${closes}`,
  );
  const comments = [
    `${counted(policies.length, 'policy', 'policies')} (${form}) made from what was seen: ${counted(kept, 'flow')} that passed would pass, ${String(cut.length)} would be cut`,
    ...cut.map(
      ({ source, destination, protocol, port, why }) =>
        `cut: ${source} → ${destination} on ${[protocol, port].join(' ').trim()}: ${why}`,
    ),
    ...notes,
    `opens ${String(prediction.opened)} and closes ${String(prediction.closed)} pairs, seen or not:`,
    ...changes,
  ];
  return [...comments.map((line) => `# ${line}`), manifest.trimEnd()].join('\n').trimEnd();
}
