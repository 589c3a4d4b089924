import {
  addressPeers,
  ConnectionTable,
  formatRange,
  NO_CONNECTIONS,
  protocolName,
  sourcePorts,
  workloadPeers,
  type CompiledSnapshot,
  type ConnectionSet,
  type TablePeer,
} from '#engine';

import type { ConnectionFilter, ConnectionRow, ExpectedCase } from './case.js';
import { formatConnections, keepConnection, type PortsByProtocol } from './connections.js';
import { compareOtherProtocols, otherProbes } from './check-other-protocols.js';
import { byDirectOwner } from './corpus-objects.js';
import { resolvePeer } from './engine-system.js';
import { ExpectedTable, type TableKey } from './expected-table.js';
import { CONTROLLER, CONTROLLER_PEER, controllerConnections } from './ingress-controller.js';

/** The engine's connection set in the runner's form. */
export function portsOf(set: ConnectionSet): PortsByProtocol {
  return new Map([...set].map(([protocol, ranges]) => [protocolName(protocol), ranges]));
}

/** All rows of a case: those that are listed, and the products that rules stand for. */
export function rowsOf(expected: ExpectedCase): readonly ConnectionRow[] {
  const products = (expected.rules ?? []).flatMap(({ src, dst, conns }) =>
    src.flatMap((from) => dst.filter((to) => to !== from).map((to) => ({ src: from, dst: to, conns }))),
  );
  return [...(expected.connections ?? []), ...products];
}

/** Compares the complete list of connections as a set: every pair of peers, over every piece of the address space. */
export function checkConnectivity(expected: ExpectedCase, snapshot: CompiledSnapshot): string[] {
  const table = new ExpectedTable(rowsOf(expected));
  const problems = [...unknownNames(expected, table, snapshot), ...comparePairs(expected, table, snapshot)];
  for (const pair of expected.pairs ?? []) {
    problems.push(...comparePairs({ ...expected, filter: {} }, new ExpectedTable([pair]), snapshot, pair));
  }
  return problems;
}

function unknownNames(expected: ExpectedCase, table: ExpectedTable, snapshot: CompiledSnapshot): string[] {
  const known = new Set(peersOf(expected, table, snapshot).map((peer) => peer.key));
  return [...table.names()]
    .filter((name) => name !== CONTROLLER && !known.has(name))
    .map((name) => `\`${name}\` is not in the cluster`);
}

/** The peers over which the list is complete: workloads, or the endpoints that the case names, and pieces of addresses. */
function peersOf(expected: ExpectedCase, table: ExpectedTable, snapshot: CompiledSnapshot): readonly TablePeer[] {
  const workloads = workloadPeers(snapshot, byDirectOwner(snapshot));
  const named = expected.endpoints;
  if (named === undefined) return [...workloads, ...addresses(table, snapshot)];
  const chosen = named.map((key) => namedPeer(key, snapshot, workloads)).filter((peer) => peer !== null);
  return [...chosen, ...addresses(table, snapshot)];
}

/** A workload, one pod of a workload where the case tells its pods apart, or an endpoint of Calico's. */
function namedPeer(key: string, snapshot: CompiledSnapshot, workloads: readonly TablePeer[]): TablePeer | null {
  const workload = workloads.find((peer) => peer.key === key);
  if (workload !== undefined) return workload;
  const [endpoint] = resolvePeer(snapshot, key);
  if (endpoint === undefined) return null;
  return { type: 'workload', key, namespace: endpoint.namespace, name: endpoint.name, endpoints: [endpoint] };
}

/** IPv6 is compared where the rows speak of it. */
function addresses(table: ExpectedTable, snapshot: CompiledSnapshot): readonly TablePeer[] {
  const families = ([4, 6] as const).filter(
    (family) => family === 4 || table.ranges().some((range) => range.family === 6),
  );
  return families.flatMap((family) => addressPeers([snapshot], 'intended', family, table.ranges()));
}

function keyOf(peer: TablePeer): TableKey {
  return peer.type === 'addresses' ? peer.range : peer.key;
}

function nameOf(peer: TablePeer): string {
  return peer.type === 'addresses' ? formatRange(peer.range) : peer.key;
}

function comparePairs(
  expected: ExpectedCase,
  table: ExpectedTable,
  snapshot: CompiledSnapshot,
  only?: ConnectionRow,
): string[] {
  const filter = expected.filter ?? {};
  const peers = peersOf(expected, table, snapshot);
  const tables = sourcePorts([snapshot], 'intended').map(
    (sourcePort) =>
      new ConnectionTable(snapshot, { reading: 'intended', ...(sourcePort === undefined ? {} : { sourcePort }) }),
  );
  const scope = only === undefined ? null : new Set([only.src, only.dst]);
  const probes = saysAllOfEveryProtocol(expected) ? otherProbes(rowsOf(expected)) : [];
  const problems: string[] = [];
  for (const destination of peers) {
    for (const source of peers) {
      if (source === destination || (source.type === 'addresses' && destination.type === 'addresses')) continue;
      if (scope !== null && !(scope.has(source.key) && scope.has(destination.key) && source.key === only?.src))
        continue;
      if (!isKept(filter, source, destination)) continue;
      problems.push(...comparePair(table, tables, source, destination, filter));
      const stated = probes.length === 0 ? [] : table.stated(keyOf(source), keyOf(destination));
      const others = compareOtherProtocols(probes, stated, snapshot, source, destination);
      problems.push(...others.map((text) => `${nameOf(source)} → ${nameOf(destination)}: ${text}`));
    }
    if (scope === null && destination.type === 'workload')
      problems.push(...compareController(table, snapshot, destination, filter));
  }
  return problems;
}

/** For nca all connections are those of every protocol, for np-guard those of TCP, UDP and SCTP. */
function saysAllOfEveryProtocol(expected: ExpectedCase): boolean {
  return expected.corpus.startsWith('nca-');
}

function comparePair(
  table: ExpectedTable,
  found: readonly ConnectionTable[],
  source: TablePeer,
  destination: TablePeer,
  filter: ConnectionFilter,
): string[] {
  return found.flatMap((one) => {
    const wanted = table.connections(keyOf(source), keyOf(destination), one.options.sourcePort);
    return difference(`${nameOf(source)} → ${nameOf(destination)}`, wanted, one.between(source, destination), filter);
  });
}

function difference(
  what: string,
  wanted: PortsByProtocol,
  found: { readonly allowed: ConnectionSet; readonly unknown: ConnectionSet },
  filter: ConnectionFilter,
): string[] {
  const focus = filter.focusConnection;
  const kept = focus === undefined ? portsOf(found.allowed) : keepConnection(portsOf(found.allowed), focus);
  const [a, b] = [formatConnections(wanted), formatConnections(kept)];
  if (found.unknown.size > 0)
    return [`${what}: expected ${a}, unknown on ${formatConnections(portsOf(found.unknown))}`];
  return a === b ? [] : [`${what}: expected ${a}, got ${b}`];
}

/** What arrives through Ingress and Route objects, at all pods of a workload together. */
function compareController(
  table: ExpectedTable,
  snapshot: CompiledSnapshot,
  destination: TablePeer,
  filter: ConnectionFilter,
): string[] {
  if (!isKept(filter, CONTROLLER_PEER, destination)) return [];
  const found = { allowed: controllerConnections(snapshot, destination), unknown: NO_CONNECTIONS };
  const wanted = table.connections(CONTROLLER, keyOf(destination));
  return difference(`${CONTROLLER} → ${nameOf(destination)}`, wanted, found, filter);
}

/** Whether the options of the case keep a pair. */
export function isKept(filter: ConnectionFilter, source: TablePeer, destination: TablePeer): boolean {
  const { focusWorkloads, focusWorkloadPeers, focusDirection } = filter;
  if (focusWorkloads === undefined) return true;
  const focused = (subject: TablePeer, peer: TablePeer): boolean =>
    names(focusWorkloads, subject) && (focusWorkloadPeers === undefined || names(focusWorkloadPeers, peer));
  return (
    (focusDirection !== 'ingress' && focused(source, destination)) ||
    (focusDirection !== 'egress' && focused(destination, source))
  );
}

/** `namespace/name`, or a name alone. */
function names(list: readonly string[], peer: TablePeer): boolean {
  return peer.type === 'workload' && (list.includes(peer.name) || list.includes(`${peer.namespace}/${peer.name}`));
}
