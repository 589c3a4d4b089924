import { ANY_PORT, SCTP } from '../../model/index.js';
import type { Direction, PortMatch, PortSpec, Selector } from '../../model/index.js';
import type { CompileEnv } from '../frontend.js';
import { egressName, namedPort, namespaceNumbers, namingContainers, portNamesOf } from '../shared/index.js';
import type { EgressName } from '../shared/index.js';
import { dialectOf } from './dialect.js';
import { knownUnder } from './known-parts.js';
import { numbersAmong } from './named-pods.js';
import type { RawNetworkPolicy, RawPort, RawRule } from './networkpolicy.parse.js';

/** Where a rule's ports are looked for. */
export interface PortPlace {
  readonly direction: Direction;
  /** The policy's own. */
  readonly namespace: string;
  readonly env: CompileEnv;
  /** The pods that the policy selects. */
  readonly subjects: Selector;
  /** What peers of egress the ports are for: everyone, or such as selectors choose. */
  readonly peers: 'any' | 'some';
}

export interface RulePorts extends Pick<EgressName, 'open'> {
  readonly ports: PortSpec;
}

const NOTHING_OPEN: EgressName['open'] = [];
const exactly = (...certain: readonly PortMatch[]): EgressName => ({ certain, open: NOTHING_OPEN });

/** The ports of a rule; null is all. */
export function compilePorts(ports: readonly RawPort[] | null, place: PortPlace): RulePorts {
  if (ports === null) return { ports: ANY_PORT, open: NOTHING_OPEN };
  const include: PortMatch[] = [];
  let open = NOTHING_OPEN;
  for (const port of heededPorts(ports, place)) {
    const read = knownPort(port, place);
    for (const match of read.certain) include.push(match);
    if (read.open.length > 0) open = [...open, ...read.open];
  }
  // A list that has grown has room to spare, and there may be very many.
  return { ports: { include: include.slice(), except: [] }, open };
}

function knownPort(raw: RawPort, place: PortPlace): EgressName {
  if (typeof raw.port === 'string') return compilePort(raw, place);
  const { ports } = knownUnder(place.env.semantics);
  let known = ports.get(raw);
  if (known === undefined) ports.set(raw, (known = compilePort(raw, place)));
  return known;
}

/** OVN-Kubernetes joins the numbers of a protocol, and forgets that the protocol stood without one as well. (NP-32) */
function heededPorts(ports: readonly RawPort[], { env }: PortPlace): readonly RawPort[] {
  if (!dialectOf(env.semantics).numbersLimitProtocol) return ports;
  const numbered = new Set(ports.filter(hasNumber).map(({ protocol }) => protocol));
  return ports.filter((port) => hasNumber(port) || !numbered.has(port.protocol));
}

const hasNumber = ({ port }: RawPort): boolean => typeof port === 'number';

function compilePort(raw: RawPort, place: PortPlace): EgressName {
  const { protocol, port, endPort } = raw;
  const { semantics } = place.env;
  if (protocol === SCTP && !semantics.sctp) return exactly();
  if (port === null) return exactly({ type: 'protocol', protocol });
  if (typeof port === 'string') return compileName({ protocol, port }, place);
  const to = endPort === null || semantics.endPort === 'ignored' ? port : endPort;
  return exactly({ type: 'range', protocol, from: port, to });
}

function compileName(
  { protocol, port }: { protocol: RawPort['protocol']; port: string },
  place: PortPlace,
): EgressName {
  const { direction, namespace, env, subjects, peers } = place;
  const { semantics } = env;
  if (semantics.namedPorts === 'widened') return exactly({ type: 'protocol', protocol });
  if (semantics.namedPorts === 'ignored') return exactly();
  const { egressNames, ingressNames } = dialectOf(semantics);
  const asNumbers = (numbers: readonly number[]): EgressName =>
    exactly(...numbers.map((from): PortMatch => ({ type: 'range', protocol, from, to: from })));
  if (direction === 'ingress') {
    if (ingressNames === 'of-address') return exactly(namedPort(port, protocol, semantics));
    const chosen = { selectors: [subjects], namespace, hosts: true };
    return asNumbers(numbersAmong(chosen, port, protocol, env));
  }
  if (egressNames === 'of-address') return egressName(namedPort(port, protocol, semantics), protocol, env);
  if (egressNames === 'of-selected-alone') {
    return peers === 'any' ? exactly() : exactly(namedPort(port, protocol, semantics));
  }
  if (egressNames === 'of-selected-or-own' && peers === 'any') {
    return asNumbers(namespaceNumbers(port, protocol, namespace, env));
  }
  return exactly({ type: 'named', protocol, name: port, notAtHosts: true, ...namingContainers(semantics) });
}

/** A rule that has names for ports and nothing else. */
export function hasNamesAlone({ ports }: RawRule): boolean {
  return ports !== null && ports.length > 0 && ports.every(isNamed);
}

export const isNamed = ({ port }: RawPort): boolean => typeof port === 'string';

/** A name may be a number that pods of the cluster give it, or depend on whether any of them has it. */
export function looksAtPods({ rules }: RawNetworkPolicy, { semantics }: CompileEnv): boolean {
  const { egressNames, ingressNames, namesOfNobody } = dialectOf(semantics);
  if (ingressNames === 'of-subjects' && rules.ingress.some(({ ports }) => ports?.some(isNamed))) return true;
  if (namesOfNobody === 'every-port' && [...rules.ingress, ...rules.egress].some(hasNamesAlone)) return true;
  const named = rules.egress.filter(({ ports }) => ports?.some(isNamed));
  if (portNamesOf(semantics) !== 'by-pod') return named.length > 0;
  return egressNames === 'of-selected-or-own' && named.some(({ peers }) => peers === null);
}
