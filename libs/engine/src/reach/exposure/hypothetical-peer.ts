import type { CompiledPolicy, Direction, PolicyEntry, Protocol, Selector } from '../../model/index.js';
import { mergeRanges } from '../../net/index.js';
import type { CompiledSnapshot } from '../../compile/compile-snapshot.js';
import { BLANK_ENDPOINT } from '../../compile/endpoint.js';
import type { Endpoint } from '../../compile/endpoint.js';
import { buildPolicySet } from '../../compile/policy-set.js';
import type { PolicySet } from '../../compile/policy-set.js';
import { directionVerdict } from '../../eval/evaluate-direction.js';
import type { Flow } from '../../eval/flow.js';
import type { ReadingName } from '../../eval/evaluate-pair.js';
import { PORT_PROTOCOLS } from '../connection-set.js';
import type { ConnectionSet } from '../connection-set.js';
import { portAtoms } from '../connections-between.js';
import { impliesForPods } from './selector-implication.js';
import type { KnownNamespaces } from './selector-implication.js';

/** What every pod that a selector may choose is allowed, whether it exists or not. */
export interface CertainConnections {
  readonly allowed: ConnectionSet;
  /** Port names that the destination may use besides, whatever their numbers; protocol null is any. */
  readonly names: readonly { readonly protocol: Protocol | null; readonly name: string }[];
}

/**
 * What the policies of `subject` let pass, in one direction, to or from every pod that `selector` may choose. A rule
 * counts when its peers hold for all such pods, so the result is certain for each of them.
 */
export function certainConnections(
  snapshot: CompiledSnapshot,
  subject: Endpoint,
  direction: Direction,
  selector: Selector,
  reading: ReadingName,
): CertainConnections {
  const known: KnownNamespaces = (name) => snapshot.index.namespaces.get(name)?.meta.labels ?? null;
  // Certain is what every set lets pass: all engines must, and it is not known which variant holds.
  const narrowed = snapshot[reading].sets.map((set) =>
    narrowToPeer(set, direction, (peer) => impliesForPods(selector, peer, known)),
  );
  const peer: Endpoint = { ...BLANK_ENDPOINT, kind: 'pod', hypothetical: true };
  const [source, destination] = direction === 'egress' ? [subject, peer] : [peer, subject];
  const allowed = new Map<Protocol, readonly (readonly [number, number])[]>();
  for (const protocol of PORT_PROTOCOLS) {
    const open = portAtoms([snapshot[reading]], source, destination, protocol).filter(([port]) =>
      admits(narrowed, direction, subject, peer, { protocol, port, family: null }),
    );
    if (open.length > 0) allowed.set(protocol, mergeRanges(open));
  }
  return { allowed, names: direction === 'egress' ? namesAllowed(narrowed, subject, allowed) : [] };
}

/** The set with each rule's peers decided: any where `holds`, none elsewhere. */
function narrowToPeer(set: PolicySet, direction: Direction, holds: (peer: Selector) => boolean): PolicySet {
  const decide = (entry: PolicyEntry): PolicyEntry => {
    if (entry.peers.type !== 'of') return entry;
    return { ...entry, peers: { type: entry.peers.selectors.some(holds) ? 'any' : 'none' } };
  };
  const policies = set.policies.map((policy): CompiledPolicy => ({
    policy: policy.policy,
    diagnostics: policy.diagnostics,
    refused: policy.refused,
    entries: policy.entries.filter((entry) => entry.direction === direction).map(decide),
  }));
  return buildPolicySet(
    policies,
    set.gates.flatMap((gate) => gate.tiers.map((ready) => ready.tier)),
    set.semantics,
  );
}

function admits(
  sets: readonly PolicySet[],
  direction: Direction,
  subject: Endpoint,
  peer: Endpoint,
  flow: Flow,
): boolean {
  return sets.every(({ gates }) =>
    gates.every((gate) => directionVerdict(gate.tiers, direction, subject, peer, flow) === 'allow'),
  );
}

/** Port names that open a port which no number opens: asked of a destination that gives the name to such a port. */
function namesAllowed(
  sets: readonly PolicySet[],
  subject: Endpoint,
  allowed: ConnectionSet,
): CertainConnections['names'] {
  const out = new Map<string, { protocol: Protocol | null; name: string }>();
  for (const match of sets
    .flatMap(({ rules }) => rules)
    .flatMap(({ ports }) => (ports.include === 'any' ? [] : ports.include))) {
    if (match.type !== 'named') continue;
    const protocols = match.protocol === null ? PORT_PROTOCOLS : [match.protocol];
    const opened = protocols.filter((protocol) => opensByName(sets, subject, allowed, protocol, match.name));
    if (opened.length > 0)
      out.set(`${match.protocol ?? ''} ${match.name}`, { protocol: match.protocol, name: match.name });
  }
  return [...out.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function opensByName(
  sets: readonly PolicySet[],
  subject: Endpoint,
  allowed: ConnectionSet,
  protocol: Protocol,
  name: string,
): boolean {
  const port = closedPort(allowed.get(protocol) ?? []);
  if (port === null) return false;
  const ports = [{ name, port, protocol, hostPort: 0, init: false }];
  const peer: Endpoint = { ...BLANK_ENDPOINT, kind: 'pod', hypothetical: true, ports };
  return admits(sets, 'egress', subject, peer, { protocol, port, family: null });
}

/** A port outside the ranges, null when they hold every port. */
function closedPort(ranges: readonly (readonly [number, number])[]): number | null {
  let port = 1;
  for (const [from, to] of ranges) if (from <= port && port <= to) port = to + 1;
  return port > 65535 ? null : port;
}
