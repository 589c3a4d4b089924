import { ICMP, ICMPV6, IGMP } from '../model/index.js';
import type { PortMatch, Protocol } from '../model/index.js';
import type { CompiledSnapshot } from '../compile/compile-snapshot.js';
import { pairFamilies, pairVerdict } from '../eval/evaluate-pair.js';
import type { ReadingName } from '../eval/evaluate-pair.js';
import { formatConnections, isEmpty, PORT_PROTOCOLS, subtractConnections, UNNAMED } from '../reach/connection-set.js';
import { addressPeers, byPod, ConnectionTable, workloadPeers } from '../reach/exposure/peer-connections.js';
import type { TablePeer } from '../reach/exposure/peer-connections.js';

/** A pair of peers that shows that one state allows what another does not. */
export interface Witness {
  readonly source: string;
  readonly destination: string;
  /** What is allowed in the first state only, in words. */
  readonly extra: string;
}

/**
 * The first connection that `a` allows and `b` does not, or null when `a` is contained in `b`. All protocols count,
 * those without ports too, and every client port that rules tell apart. Pods are matched by name, templates without
 * pods by their workload; a state allows nothing to and from a pod that it does not have.
 */
export function firstExcess(a: CompiledSnapshot, b: CompiledSnapshot, reading: ReadingName): Witness | null {
  const there = new Map(workloadPeers(b, byPod).map((peer) => [peer.key, peer]));
  const outside = ([4, 6] as const).flatMap((family) => addressPeers([a, b], reading, family));
  const here = [...workloadPeers(a, byPod), ...outside];
  for (const peer of outside) there.set(peer.key, peer);
  const ports = sourcePorts([a, b], reading).map((sourcePort) => {
    const options = { reading, ...(sourcePort === undefined ? {} : { sourcePort }) };
    return [new ConnectionTable(a, options), new ConnectionTable(b, options)] as const;
  });
  const protocols = otherProtocols([a, b], reading);
  for (const source of here) {
    for (const destination of here) {
      if (source === destination || (source.type === 'addresses' && destination.type === 'addresses')) continue;
      const to = [there.get(source.key) ?? NOBODY, there.get(destination.key) ?? NOBODY] as const;
      const pair = { a, b, from: [source, destination] as const, to, reading };
      const extra = portExcess(pair, ports) ?? protocolExcess(pair, protocols);
      if (extra !== null) return { source: source.key, destination: destination.key, extra };
    }
  }
  return null;
}

/** A peer that a state does not have. */
const NOBODY: TablePeer = { type: 'workload', key: '', namespace: '', name: '', endpoints: [] };

interface Pair {
  readonly a: CompiledSnapshot;
  readonly b: CompiledSnapshot;
  /** The pair as `a` has it, and as `b` has it. */
  readonly from: readonly [TablePeer, TablePeer];
  readonly to: readonly [TablePeer, TablePeer];
  readonly reading: ReadingName;
}

function portExcess(
  { from, to }: Pair,
  tables: readonly (readonly [ConnectionTable, ConnectionTable])[],
): string | null {
  for (const [a, b] of tables) {
    const extra = subtractConnections(a.between(from[0], from[1]).allowed, b.between(to[0], to[1]).allowed);
    if (!isEmpty(extra)) return formatConnections(extra);
  }
  return null;
}

function protocolExcess({ a, b, from, to, reading }: Pair, protocols: readonly PortlessQuestion[]): string | null {
  for (const question of protocols) {
    if (!allowsPortless(a, from, question, reading)) continue;
    if (!allowsPortless(b, to, question, reading)) return `protocol ${question.protocol}`;
  }
  return null;
}

interface PortlessQuestion {
  readonly protocol: Protocol;
  readonly icmp?: { readonly type: number; readonly code: number };
}

function allowsPortless(
  snapshot: CompiledSnapshot,
  [source, destination]: readonly [TablePeer, TablePeer],
  question: PortlessQuestion,
  reading: ReadingName,
): boolean {
  return source.endpoints.some((from) =>
    destination.endpoints.some((to) =>
      pairFamilies(from, to).some(
        (family) =>
          from !== to && pairVerdict(snapshot[reading], from, to, { ...question, port: null, family }) === 'allow',
      ),
    ),
  );
}

function eachMatch(
  snapshots: readonly CompiledSnapshot[],
  reading: ReadingName,
  visit: (match: PortMatch) => void,
): void {
  for (const snapshot of snapshots) {
    for (const set of snapshot[reading].sets) {
      for (const { ports } of set.rules) {
        if (ports.include !== 'any') ports.include.forEach(visit);
        ports.except.forEach(visit);
      }
    }
  }
}

/** Protocols without ports that rules name, with the types of ICMP and IGMP that they tell apart, and one that none names. */
function otherProtocols(snapshots: readonly CompiledSnapshot[], reading: ReadingName): readonly PortlessQuestion[] {
  const out = new Map<string, PortlessQuestion>();
  const add = (question: PortlessQuestion): void => void out.set(JSON.stringify(question), question);
  const withPorts: ReadonlySet<Protocol> = new Set(PORT_PROTOCOLS);
  add({ protocol: UNNAMED });
  // A type and a code that no rule is likely to name stand for the rest of ICMP and IGMP.
  for (const protocol of [ICMP, ICMPV6, IGMP]) add({ protocol, icmp: { type: 253, code: 253 } });
  eachMatch(snapshots, reading, (match) => {
    if (match.protocol === null || withPorts.has(match.protocol)) return;
    if (match.type !== 'icmp' || match.icmpType === null) add({ protocol: match.protocol });
    else add({ protocol: match.protocol, icmp: { type: match.icmpType, code: match.code ?? 253 } });
  });
  return [...out.values()];
}

/** One client port for each piece of the port space that rules tell apart; `[undefined]` when none looks at it. */
export function sourcePorts(
  snapshots: readonly CompiledSnapshot[],
  reading: ReadingName,
): readonly (number | undefined)[] {
  const starts = new Set<number>();
  for (const snapshot of snapshots) {
    for (const set of snapshot[reading].sets) {
      for (const condition of set.rules.flatMap(({ conditions }) => conditions)) {
        if (condition.type === 'sourcePort') for (const [from, to] of condition.ranges) starts.add(from).add(to + 1);
      }
    }
  }
  if (starts.size === 0) return [undefined];
  return [...starts.add(1)].filter((port) => port >= 1 && port <= 65535).sort((x, y) => x - y);
}
