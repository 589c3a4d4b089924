import { pointer } from '../../base/index.js';
import { and, ANY_PORT, not, objectRef, or, SCTP } from '../../model/index.js';
import type {
  CompiledPolicy,
  Direction,
  ObjectRef,
  PeerSet,
  PolicyEntry,
  PolicyFact,
  PortMatch,
  PortSpec,
  RuleRef,
  Selector,
  Semantics,
} from '../../model/index.js';
import { ProblemList } from '../../normalise/problem-list.js';
import type { CompileEnv, PolicyPattern } from '../frontend.js';
import {
  anyBlock,
  asCniReads,
  asksForNoLabel,
  bindEntry,
  blockSelector,
  egressName,
  namedPort,
  networkPolicyOrder,
  peersAreLocal,
  podPeer,
  podSubject,
  portNamesOf,
  standardTier,
} from '../shared/index.js';
import type { EgressName } from '../shared/index.js';
import { parseNetworkPolicy } from './networkpolicy.parse.js';
import { ovnPeer } from './ovn-peers.js';
import type { KnownPeers, RawNetworkPolicy, RawPeer, RawPort, RawRule } from './networkpolicy.parse.js';

/** One entry that isolates per direction in force, and one per rule (networkpolicy.semantics.md). */
export function compileNetworkPolicy(fact: PolicyFact, env: CompileEnv): CompiledPolicy {
  const problems = new ProblemList(fact.meta);
  const raw = read(fact, env, problems);
  const policy = objectRef(fact.meta);
  if (problems.failed) return { policy, entries: [], diagnostics: problems.diagnostics, refused: true };
  const order = networkPolicyOrder(env.semantics, policy);
  const entries = openEntries(raw, env).map((entry) => bindEntry(entry, policy, order));
  return { policy, entries, diagnostics: problems.diagnostics, refused: false };
}

/** The same, namespace left open; null where something is wrong with the object, or it depends on the pods there are. */
export function networkPolicyPattern(fact: PolicyFact, env: CompileEnv): PolicyPattern | null {
  const problems = new ProblemList(fact.meta);
  const raw = read(fact, env, problems);
  const standsAlone = problems.diagnostics.length === 0 && !looksAtPods(raw, env);
  return standsAlone ? { entries: openEntries(raw, env) } : null;
}

/** What has been read under the same switches. */
interface KnownParts {
  readonly peers: KnownPeers;
  readonly selectors: Map<RawPeer, Selector>;
  /** By direction and place of a rule. */
  readonly sources: Readonly<Record<Direction, RuleRef[]>>;
}

const KNOWN = new WeakMap<Semantics, KnownParts>();

function knownUnder(semantics: Semantics): KnownParts {
  let known = KNOWN.get(semantics);
  if (known === undefined) {
    known = { peers: new Map(), selectors: new Map(), sources: { ingress: [], egress: [] } };
    KNOWN.set(semantics, known);
  }
  return known;
}

function read(fact: PolicyFact, { semantics }: CompileEnv, problems: ProblemList): RawNetworkPolicy {
  const raw = parseNetworkPolicy(fact, problems, knownUnder(semantics).peers);
  if (semantics.namedPorts === 'rejected' && everyPort(raw.rules).some(({ port }) => typeof port === 'string')) {
    problems.error('networkpolicy.named_port', '/spec', 'the CNI refuses policies with named ports');
  }
  if (semantics.endPort === 'rejected' && everyPort(raw.rules).some(({ endPort }) => endPort !== null)) {
    problems.error('networkpolicy.end_port', '/spec', 'the CNI refuses policies with `endPort`');
  }
  return raw;
}

const NO_ORDER: PolicyEntry['order'] = [];
const NO_CONDITIONS: PolicyEntry['conditions'] = [];
const OPEN_POLICY: ObjectRef = { group: 'networking.k8s.io', kind: 'NetworkPolicy', namespace: '', name: '' };
const WHOLE_POLICY: RuleRef = { policy: OPEN_POLICY, pointer: '', index: -1, name: '' };

function openEntries(raw: RawNetworkPolicy, env: CompileEnv): PolicyEntry[] {
  const { semantics } = env;
  const own: Selector = { type: 'same', as: 'namespace' };
  const tier = standardTier(semantics, 'default').id;
  const subject = podSubject(semantics, own, asCniReads(raw.podSelector, semantics));
  // Field by field: a cluster may have very many of these.
  const entry = (source: RuleRef, direction: Direction, peers: PeerSet, ports: PortSpec): PolicyEntry => ({
    source,
    direction,
    tier,
    order: NO_ORDER,
    tieUndefined: false,
    subject,
    peers,
    ports,
    family: null,
    action: 'allow',
    isolates: source.index < 0,
    conditions: NO_CONDITIONS,
  });
  const entries: PolicyEntry[] = [];
  const { sources } = knownUnder(semantics);
  for (const direction of directionsOf(raw, semantics)) {
    entries.push(entry(WHOLE_POLICY, direction, { type: 'none' }, ANY_PORT));
    for (const [index, rule] of raw.rules[direction].entries()) {
      const at = (): string => pointer('/spec', direction, index);
      const source = (sources[direction][index] ??= { policy: OPEN_POLICY, pointer: at(), index, name: '' });
      const { ports, open } = compilePorts(rule, direction, env);
      const allow = entry(source, direction, compilePeers(rule, env), ports);
      entries.push(allow);
      for (const { match, why } of open) {
        const conditions = [{ type: 'unsupported', what: why } as const];
        entries.push({ ...allow, ports: { include: [match], except: [] }, conditions });
      }
      const except = exceptAsDeny(rule, semantics);
      if (except !== null) entries.push({ ...allow, ...except });
    }
  }
  return entries;
}

function directionsOf({ types, rules }: RawNetworkPolicy, { untypedRules }: Semantics): readonly Direction[] {
  return [...new Set([...types, ...untypedRules.filter((direction) => rules[direction].length > 0)])];
}

function everyPort({ ingress, egress }: RawNetworkPolicy['rules']): readonly RawPort[] {
  return [...ingress, ...egress].flatMap((rule) => rule.ports ?? []);
}

function compilePeers(rule: RawRule, env: CompileEnv): PeerSet {
  if (rule.peers === null) return { type: 'any' };
  if (rule.peers.length === 0) return { type: 'none' };
  const { semantics } = env;
  // What these stand for depends on the namespaces there are.
  if (semantics.namespacePeersReachHosts) {
    return { type: 'of', selectors: rule.peers.map((peer) => compilePeer(peer, env)) };
  }
  const { selectors } = knownUnder(semantics);
  const compiled = rule.peers.map((peer) => {
    let selector = selectors.get(peer);
    if (selector === undefined) selectors.set(peer, (selector = compilePeer(peer, env)));
    return selector;
  });
  return { type: 'of', selectors: compiled };
}

function compilePeer(peer: RawPeer, env: CompileEnv): Selector {
  const { semantics } = env;
  if (peer.type === 'pods') {
    if (semantics.namespacePeersReachHosts) return ovnPeer(peer, env);
    const pods = podPeer(semantics, asCniReads(peer.selector, semantics));
    return meansMoreThanPods(peer, semantics) ? or(pods, not({ type: 'kind', kinds: ['pod'] })) : pods;
  }
  switch (semantics.ipBlockExcept) {
    case 'ignored':
    case 'widened':
      return blockSelector(peer.cidr, [], semantics);
    case 'unknown':
      if (peer.except.length === 0) return blockSelector(peer.cidr, [], semantics);
      return and(blockSelector(peer.cidr, [], semantics), { type: 'unknown', why: 'the CNI may ignore `except`' });
    case 'exact':
    case 'narrowed':
    case 'rejected':
      return blockSelector(peer.cidr, peer.except, semantics);
  }
}

/**
 * To Cilium a peer is whoever has the labels: where it adds none of the cluster's own, namespaces chosen by labels that
 * they lack are chosen by nodes and outside addresses, too. (CNP-16)
 */
function meansMoreThanPods(peer: Extract<RawPeer, { type: 'pods' }>, semantics: Semantics): boolean {
  if (semantics.combination !== 'cilium' || peersAreLocal(semantics)) return false;
  return peer.namespaces !== null && peer.namespaces.type !== 'all' && asksForNoLabel(peer.selector);
}

/**
 * Where an exception becomes a deny that may defeat blocks of other rules (AWS): pods have addresses of their own there,
 * which win. Null for a rule that makes none.
 */
function exceptAsDeny(
  rule: RawRule,
  semantics: Semantics,
): Pick<PolicyEntry, 'action' | 'peers' | 'ports' | 'conditions'> | null {
  if (semantics.ipBlockExcept !== 'narrowed') return null;
  const except = (rule.peers ?? []).flatMap((peer) => (peer.type === 'block' ? peer.except : []));
  if (except.length === 0) return null;
  const outside: Selector = { type: 'kind', kinds: ['external', 'node', 'hostpod'] };
  const what = 'an exception becomes a deny that may defeat blocks of other rules';
  return {
    action: 'deny',
    peers: { type: 'of', selectors: [and(outside, anyBlock(except, semantics))] },
    ports: ANY_PORT,
    conditions: [{ type: 'unsupported', what }],
  };
}

interface RulePorts extends Pick<EgressName, 'open'> {
  readonly ports: PortSpec;
}

const NOTHING_OPEN: EgressName['open'] = [];

function compilePorts(rule: RawRule, direction: Direction, env: CompileEnv): RulePorts {
  if (rule.ports === null) return { ports: ANY_PORT, open: NOTHING_OPEN };
  const read = rule.ports.map((port) => compilePort(port, direction, env));
  return {
    ports: { include: read.flatMap(({ certain }) => certain), except: [] },
    open: read.flatMap(({ open }) => open),
  };
}

function compilePort(raw: RawPort, direction: Direction, env: CompileEnv): EgressName {
  const { protocol, port, endPort } = raw;
  const { semantics } = env;
  const exactly = (...certain: readonly PortMatch[]): EgressName => ({ certain, open: NOTHING_OPEN });
  if (protocol === SCTP && !semantics.sctp) return exactly();
  if (port === null) return exactly({ type: 'protocol', protocol });
  if (typeof port === 'string') {
    if (semantics.namedPorts === 'widened') return exactly({ type: 'protocol', protocol });
    if (semantics.namedPorts === 'ignored') return exactly();
    return direction === 'egress' ? egressName(port, protocol, env) : exactly(namedPort(port, protocol, semantics));
  }
  const to = endPort === null || semantics.endPort === 'ignored' ? port : endPort;
  return exactly({ type: 'range', protocol, from: port, to });
}

/** A name of egress may be the number that the pods of the cluster give it. */
function looksAtPods({ rules }: RawNetworkPolicy, { semantics }: CompileEnv): boolean {
  const ports = everyPort({ ingress: [], egress: rules.egress });
  return portNamesOf(semantics) !== 'by-pod' && ports.some(({ port }) => typeof port === 'string');
}
