import { evaluatePair, pairFamilies, type CompiledSnapshot, type Endpoint, type TablePeer } from '#engine';

import type { ConnectionRow, ExpectedConnections } from './case.js';
import { cubesOf, PORT_PROTOCOLS, type Cube, type PortRange } from './connections.js';
import { flowOf } from './engine-system.js';
import type { Outcome, Probe } from './system-under-test.js';

/** Protocol 200 stands for all that no row names, type 250 for all ICMP that no row names. */
const UNNAMED: readonly Probe[] = [
  { protocol: '200', port: null },
  { protocol: 'ICMP', port: null, icmp: { type: 250, code: 250 } },
];

/** One probe for each piece of traffic beside TCP, UDP and SCTP that the rows tell apart, and for what they leave out. */
export function otherProbes(rows: readonly ConnectionRow[]): readonly Probe[] {
  const probes = rows.flatMap(({ conns }) => (typeof conns === 'string' ? [] : probesOf(conns)));
  return [...new Map([...UNNAMED, ...probes].map((probe) => [describe(probe), probe])).values()];
}

function probesOf(conns: Readonly<Record<string, unknown>>): readonly Probe[] {
  const cubes = cubesOf(conns);
  const names = [...Object.keys(conns), ...exceptionsOf(conns), ...cubes.flatMap(({ protocols = [] }) => protocols)];
  const others = names.filter((name) => !isPortProtocol(name) && name !== 'cubes' && name !== 'otherProtocols');
  return [
    ...others.filter((name) => name !== 'ICMP').map((protocol): Probe => ({ protocol, port: null })),
    ...cubes.flatMap(({ icmpTypes = [], icmpCodes = [[0, 0]] }) =>
      icmpTypes.flatMap(([type]) =>
        icmpCodes.map(([code]): Probe => ({ protocol: 'ICMP', port: null, icmp: { type, code } })),
      ),
    ),
  ];
}

/** Compares what two peers may say to each other over other protocols with the rows that speak of them. */
export function compareOtherProtocols(
  probes: readonly Probe[],
  rows: readonly ExpectedConnections[],
  snapshot: CompiledSnapshot,
  source: TablePeer,
  destination: TablePeer,
): string[] {
  return probes.flatMap((probe) => {
    const wanted: Outcome = rows.some((conns) => admits(conns, probe)) ? 'allow' : 'deny';
    const verdicts = source.endpoints.flatMap((from) =>
      destination.endpoints.map((to) => verdictOf(snapshot, from, to, probe)),
    );
    const wrong = verdicts.find((verdict) => verdict !== wanted);
    return wrong === undefined ? [] : [`${describe(probe)}: expected ${wanted}, got ${wrong}`];
  });
}

function describe({ protocol, icmp }: Probe): string {
  return icmp === undefined ? protocol : `${protocol} type ${icmp.type} code ${icmp.code}`;
}

function verdictOf(snapshot: CompiledSnapshot, source: Endpoint, destination: Endpoint, probe: Probe): Outcome {
  const family = pairFamilies(source, destination)[0] ?? null;
  return evaluatePair(snapshot, source, destination, flowOf(probe, family), 'intended').verdict;
}

const isPortProtocol = (name: string): boolean => PORT_PROTOCOLS.some((protocol) => protocol === name);

function exceptionsOf(conns: Readonly<Record<string, unknown>>): readonly string[] {
  const rest = conns['otherProtocols'] as { readonly allExcept?: readonly string[] } | undefined;
  return rest?.allExcept ?? [];
}

function admits(conns: ExpectedConnections, probe: Probe): boolean {
  if (typeof conns === 'string') return conns === 'all';
  if (conns[probe.protocol] !== undefined) return true;
  if (conns['otherProtocols'] !== undefined) return !exceptionsOf(conns).includes(probe.protocol);
  return cubesOf(conns).some((cube) => admitsByCube(cube, probe));
}

/** A cube that looks at ports speaks of protocols with ports alone. */
function admitsByCube(
  { protocols, srcPorts, dstPorts, icmpTypes, icmpCodes }: Cube,
  { protocol, icmp }: Probe,
): boolean {
  const within = (ranges: readonly PortRange[] | undefined, value: number | undefined): boolean =>
    ranges === undefined || (value !== undefined && ranges.some(([from, to]) => from <= value && value <= to));
  return (
    srcPorts === undefined &&
    dstPorts === undefined &&
    (protocols === undefined || protocols.includes(protocol)) &&
    within(icmpTypes, icmp?.type) &&
    within(icmpCodes, icmp?.code)
  );
}
