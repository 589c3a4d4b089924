import type { AnswerVerdict, FlowView } from './answer.js';

type PortsFlow = Pick<FlowView, 'ports'> & { readonly verdict: AnswerVerdict };

/** Words that read as one list at most. */
const MOST_PORTS = 12;

/**
 * Flows of which nothing but the port decides, in words: `allowed on TCP 5432, denied on every other port`; null when
 * some port is decided in two ways, or there are too many to be read.
 */
export function differByPorts(protocol: string, flows: readonly PortsFlow[]): string | null {
  const verdicts = new Map<string, AnswerVerdict>();
  for (const { ports, verdict } of flows) {
    if ((verdicts.get(ports) ?? verdict) !== verdict) return null;
    verdicts.set(ports, verdict);
  }
  const portsOf = (wanted: AnswerVerdict): string =>
    [...verdicts].flatMap(([ports, verdict]) => (verdict === wanted ? [ports] : [])).join(', ');
  const told = (['allowed', 'undetermined', 'denied'] as const).filter((verdict) => portsOf(verdict) !== '');
  const rest = told.at(-1);
  const parts = told.slice(0, -1).map((verdict) => `${verdict} on ${protocol} ${portsOf(verdict)}`);
  const words = parts.join(', ');
  if (rest === undefined || verdicts.has('') || words.split(', ').length > MOST_PORTS) return null;
  return `${words}, ${rest} on every other port`;
}
