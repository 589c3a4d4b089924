import type { FlowsRead } from '#flows';
import type { KeptFlowSpan } from '#store';

/** What became of a file of flows, or how much is kept, beside what is asked about them. */
export type FlowFileSummary = Omit<FlowsRead, 'flows'> & {
  readonly flows: number;
  /** RFC 3339, '' when it is not told. */
  readonly firstSeen: string;
  readonly lastSeen: string;
};

export function summaryOf({ flows, ...read }: FlowsRead): FlowFileSummary {
  let [firstSeen, lastSeen] = ['', ''];
  for (const flow of flows) {
    if (flow.firstSeen !== '' && (firstSeen === '' || flow.firstSeen < firstSeen)) firstSeen = flow.firstSeen;
    if (flow.lastSeen > lastSeen) lastSeen = flow.lastSeen;
  }
  return { ...read, flows: flows.length, firstSeen, lastSeen };
}

/** Of flows that are kept: everything was read before. */
export function summaryOfKept({ flows, firstSeen, lastSeen, origins }: KeptFlowSpan): FlowFileSummary {
  return {
    flows,
    firstSeen: firstSeen?.toISOString() ?? '',
    lastSeen: lastSeen?.toISOString() ?? '',
    sources: origins,
    problems: [],
    problemCount: 0,
    leftOut: {},
    lost: 0,
  };
}
