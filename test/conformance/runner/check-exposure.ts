import {
  canonicalPodSelector,
  compileSelector,
  exposureOf,
  impliesForPods,
  protocolName,
  workloadPeers,
  YES,
  type CertainConnections,
  type CompiledSnapshot,
  type Direction,
  type Exposure,
  type Selector,
  type TablePeer,
} from '#engine';

import type { ConnectionFilter, ExpectedCase, ExpectedConnections, ExposureRow } from './case.js';
import { checkConnectivity, portsOf } from './check-connectivity.js';
import {
  formatConnections,
  joinConnections,
  keepConnection,
  NO_CONNECTIONS,
  readConnections,
  type PortsByProtocol,
} from './connections.js';
import { byDirectOwner } from './corpus-objects.js';
import { podChoice } from './label-selectors.js';

/** Port names that are allowed to a peer whose ports are not known, as `TCP:http`. */
type Names = ReadonlySet<string>;

interface Open {
  readonly ports: PortsByProtocol;
  readonly names: Names;
}

const NOTHING: Open = { ports: NO_CONNECTIONS, names: new Set() };

/** Compares connections, and what each workload is open to over pods that are not in the manifests. */
export function checkExposure(expected: ExpectedCase, snapshot: CompiledSnapshot): string[] {
  const problems = checkConnectivity(expected, snapshot);
  const filter = expected.filter ?? {};
  for (const peer of workloadPeers(snapshot, byDirectOwner(snapshot))) {
    if (!isFocused(filter, peer)) continue;
    for (const direction of ['ingress', 'egress'] as const) {
      if (filter.focusDirection === undefined || filter.focusDirection === direction) {
        problems.push(...checkWorkload(expected, snapshot, peer, direction));
      }
    }
  }
  return problems;
}

function isFocused({ focusWorkloads }: ConnectionFilter, peer: TablePeer): boolean {
  if (peer.type !== 'workload') return false;
  return (
    focusWorkloads === undefined ||
    focusWorkloads.includes(peer.name) ||
    focusWorkloads.includes(`${peer.namespace}/${peer.name}`)
  );
}

function checkWorkload(
  expected: ExpectedCase,
  snapshot: CompiledSnapshot,
  peer: TablePeer,
  direction: Direction,
): string[] {
  const endpoint = peer.endpoints[0];
  if (endpoint === undefined) return [];
  const found = exposureOf(snapshot, endpoint, direction, 'intended');
  const wanted = (expected.exposure?.[direction] ?? []).filter((row) => row.workload === peer.key);
  const focus = expected.filter?.focusConnection;
  return [
    ...compareProtection(expected, peer.key, found),
    ...compareCluster(peer.key, wanted, found, focus),
    ...compareSelected(snapshot, peer.key, wanted, found, focus),
  ];
}

/** Under a focus on one connection the tool does not say what is unprotected. */
function compareProtection(expected: ExpectedCase, key: string, found: Exposure): string[] {
  if (expected.filter?.focusConnection !== undefined) return [];
  const listed = (expected.exposure?.unprotected ?? []).some(
    (row) => row.workload === key && row.direction === found.direction,
  );
  if (listed === !found.protected) return [];
  return [`${found.direction} ${key}: expected it to be ${listed ? 'unprotected' : 'protected'}`];
}

function compareCluster(
  key: string,
  wanted: readonly ExposureRow[],
  found: Exposure,
  focus: string | undefined,
): string[] {
  const row = wanted.find((candidate) => candidate.peer === 'entire-cluster');
  const [a, b] = [row === undefined ? NOTHING : readOpen(row.conns), openOf(found.entireCluster, focus)].map(
    formatOpen,
  );
  return a === b ? [] : [`${found.direction} ${key} with the entire cluster: expected ${a}, got ${b}`];
}

interface SelectedRow {
  readonly selector: Selector;
  readonly open: Open;
}

/**
 * Rows are compared as what they say of the pods that a selector chooses: the tool lists for each selector only what the
 * rules with that very selector give, and a pod has the rows of every selector that chooses it.
 */
function compareSelected(
  snapshot: CompiledSnapshot,
  key: string,
  wanted: readonly ExposureRow[],
  found: Exposure,
  focus: string | undefined,
): string[] {
  const expected = wanted.flatMap((row): SelectedRow[] =>
    typeof row.peer === 'string' ? [] : [{ selector: podChoice(row.peer.selector), open: readOpen(row.conns) }],
  );
  const actual = found.selected.map(({ selector, connections }) => ({ selector, open: openOf(connections, focus) }));
  const cluster = wanted.find((row) => row.peer === 'entire-cluster');
  const bases = [
    cluster === undefined ? NOTHING : readOpen(cluster.conns),
    openOf(found.entireCluster, focus),
  ] as const;
  const selectors = new Map([...expected, ...actual].map(({ selector }) => [canonicalPodSelector(selector), selector]));
  const listed = new Set(expected.map(({ selector }) => canonicalPodSelector(selector)));
  return [...selectors].flatMap(([name, selector]) => {
    if (!listed.has(name) && isDeclared(snapshot, selector)) return [];
    const a = formatOpen(openForPods(snapshot, selector, expected, bases[0]));
    const b = formatOpen(openForPods(snapshot, selector, actual, bases[1]));
    // Under a focus on one connection the tool leaves out rows without it.
    if (focus !== undefined && !listed.has(name) && b === 'none') return [];
    return a === b ? [] : [`${found.direction} ${key} with pods of ${name}: expected ${a}, got ${b}`];
  });
}

/** The tool leaves a selector of plain labels out where a declared pod carries them: that pod has rows of its own. */
function isDeclared(snapshot: CompiledSnapshot, selector: Selector): boolean {
  const tests = selector.type === 'and' ? selector.of : [selector];
  const labels = tests.filter((test) => test.type === 'label');
  if (!labels.some((test) => test.owner === 'pod') || labels.some((test) => test.op !== 'in' || test.values.length > 1))
    return false;
  const matcher = compileSelector(selector);
  return snapshot.endpoints.some((endpoint) => matcher(endpoint, endpoint) === YES);
}

/** What the rows that certainly choose all pods of `selector` say together; what any pod has where there is none. */
function openForPods(snapshot: CompiledSnapshot, selector: Selector, rows: readonly SelectedRow[], base: Open): Open {
  const known = (name: string): Readonly<Record<string, string>> | null =>
    snapshot.index.namespaces.get(name)?.meta.labels ?? null;
  const applying = rows.filter((row) => impliesForPods(selector, row.selector, known));
  if (applying.length === 0) return base;
  return applying
    .map((row) => row.open)
    .reduce((a, b) => ({
      ports: joinConnections(a.ports, b.ports),
      names: new Set([...a.names, ...b.names]),
    }));
}

function readOpen(conns: ExpectedConnections): Open {
  const names = new Set<string>();
  if (typeof conns !== 'string') {
    for (const [protocol, entries] of Object.entries(conns)) {
      for (const entry of entries as readonly unknown[])
        if (typeof entry === 'string') names.add(`${protocol}:${entry}`);
    }
  }
  return { ports: readConnections(conns), names };
}

function openOf({ allowed, names }: CertainConnections, focus: string | undefined): Open {
  const ports = portsOf(allowed);
  return {
    ports: focus === undefined ? ports : keepConnection(ports, focus),
    names: new Set(names.map(({ protocol, name }) => `${protocol === null ? 'ANY' : protocolName(protocol)}:${name}`)),
  };
}

function formatOpen({ ports, names }: Open): string {
  return [formatConnections(ports), ...[...names].sort()].join(' ');
}
