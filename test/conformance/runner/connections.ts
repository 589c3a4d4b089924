import type { ExpectedConnections } from './case.js';

/** Ports per protocol as sorted disjoint ranges over 1–65535; only TCP, UDP and SCTP, absent when empty. */
export type PortsByProtocol = ReadonlyMap<string, readonly PortRange[]>;

export const PORT_PROTOCOLS = ['TCP', 'UDP', 'SCTP'] as const;
const ALL: readonly PortRange[] = [[1, 65535]];

export const NO_CONNECTIONS: PortsByProtocol = new Map();
export const ALL_CONNECTIONS: PortsByProtocol = new Map(PORT_PROTOCOLS.map((protocol) => [protocol, ALL]));

/**
 * What an expected row says of TCP, UDP and SCTP, for clients on `sourcePort` where it tells client ports apart. Port
 * names of exposure rows and other protocols are left to the caller.
 */
export function readConnections(conns: ExpectedConnections, sourcePort?: number): PortsByProtocol {
  if (conns === 'all') return ALL_CONNECTIONS;
  if (typeof conns === 'string') return NO_CONNECTIONS;
  const out = new Map<string, readonly PortRange[]>();
  for (const protocol of PORT_PROTOCOLS) {
    const ranges = (conns[protocol] as readonly unknown[] | undefined) ?? [];
    add(
      out,
      protocol,
      ranges.filter((range): range is PortRange => Array.isArray(range)),
    );
  }
  for (const cube of cubesOf(conns)) addCube(out, cube, sourcePort);
  return out;
}

/** Both bounds belong to it. */
export type PortRange = readonly [number, number];

/** A product of properties; one that is left out holds for all values. */
export interface Cube {
  readonly protocols?: readonly string[];
  readonly dstPorts?: readonly PortRange[];
  readonly srcPorts?: readonly PortRange[];
  readonly icmpTypes?: readonly PortRange[];
  readonly icmpCodes?: readonly PortRange[];
}

export function cubesOf(conns: Readonly<Record<string, unknown>>): readonly Cube[] {
  return (conns['cubes'] as readonly Cube[] | undefined) ?? [];
}

/** A cube that only some client ports satisfy says nothing where the client's port is not given. */
function addCube(out: Map<string, readonly PortRange[]>, cube: Cube, sourcePort: number | undefined): void {
  if (cube.icmpTypes !== undefined || cube.icmpCodes !== undefined) return;
  const fits = cube.srcPorts?.some(([from, to]) => from <= (sourcePort ?? 0) && (sourcePort ?? 0) <= to) ?? true;
  if (!fits) return;
  for (const protocol of PORT_PROTOCOLS) {
    if (cube.protocols === undefined || cube.protocols.includes(protocol)) add(out, protocol, cube.dstPorts ?? ALL);
  }
}

function add(out: Map<string, readonly PortRange[]>, protocol: string, ranges: readonly PortRange[]): void {
  const merged = merge([...(out.get(protocol) ?? []), ...ranges]);
  if (merged.length > 0) out.set(protocol, merged);
}

function merge(ranges: readonly PortRange[]): PortRange[] {
  const out: [number, number][] = [];
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = out.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else out.push([from, to]);
  }
  return out;
}

/** The union of two sets of connections. */
export function joinConnections(a: PortsByProtocol, b: PortsByProtocol): PortsByProtocol {
  const out = new Map(a);
  for (const [protocol, ranges] of b) add(out, protocol, ranges);
  return out;
}

/** Connections of one protocol and port range, kept where they lie in it (np-guard's `tcp-80`). */
export function keepConnection(conns: PortsByProtocol, focus: string): PortsByProtocol {
  const [protocol = '', port = ''] = focus.split('-');
  const wanted = Number(port);
  const ranges = conns.get(protocol.toUpperCase()) ?? [];
  return ranges.some(([from, to]) => from <= wanted && wanted <= to)
    ? new Map([[protocol.toUpperCase(), [[wanted, wanted] as const]]])
    : NO_CONNECTIONS;
}

/** One line, equal for equal sets: `TCP 80,443-500 UDP 53`, `all`, `none`. */
export function formatConnections(conns: PortsByProtocol): string {
  const parts = PORT_PROTOCOLS.filter((protocol) => (conns.get(protocol) ?? []).length > 0).map((protocol) => {
    const ranges = conns.get(protocol) ?? [];
    const text = ranges.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(',');
    return text === '1-65535' ? protocol : `${protocol} ${text}`;
  });
  if (parts.length === 0) return 'none';
  return parts.join(' ') === PORT_PROTOCOLS.join(' ') ? 'all' : parts.join(' ');
}
