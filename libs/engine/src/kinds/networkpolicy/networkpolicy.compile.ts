import { pointer } from '../../base/index.js';
import { and, ANY_PORT, objectRef, SCTP } from '../../model/index.js';
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
  asCniReads,
  bindEntry,
  blockSelector,
  networkPolicyOrder,
  podPeer,
  podSubject,
  standardTier,
} from '../shared/index.js';
import { parseNetworkPolicy } from './networkpolicy.parse.js';
import type { RawNetworkPolicy, RawPeer, RawPort, RawRule } from './networkpolicy.parse.js';

/** One entry that isolates per direction in force, and one per rule (networkpolicy.semantics.md). */
export function compileNetworkPolicy(fact: PolicyFact, env: CompileEnv): CompiledPolicy {
  const problems = new ProblemList(fact.meta);
  const raw = read(fact, env, problems);
  const policy = objectRef(fact.meta);
  if (problems.failed) return { policy, entries: [], diagnostics: problems.diagnostics, refused: true };
  const order = networkPolicyOrder(env.semantics, policy);
  const entries = openEntries(raw, env.semantics).map((entry) => bindEntry(entry, policy, order));
  return { policy, entries, diagnostics: problems.diagnostics, refused: false };
}

/** The same, namespace left open; null where something is wrong with the object. */
export function networkPolicyPattern(fact: PolicyFact, env: CompileEnv): PolicyPattern | null {
  const problems = new ProblemList(fact.meta);
  const raw = read(fact, env, problems);
  return problems.diagnostics.length > 0 ? null : { entries: openEntries(raw, env.semantics) };
}

function read(fact: PolicyFact, { semantics }: CompileEnv, problems: ProblemList): RawNetworkPolicy {
  const raw = parseNetworkPolicy(fact, problems);
  if (semantics.namedPorts === 'rejected' && usesNamedPort(raw.rules)) {
    problems.error('networkpolicy.named_port', '/spec', 'the CNI refuses policies with named ports');
  }
  return raw;
}

const OPEN_POLICY: ObjectRef = { group: 'networking.k8s.io', kind: 'NetworkPolicy', namespace: '', name: '' };

function openEntries(raw: RawNetworkPolicy, semantics: Semantics): PolicyEntry[] {
  const own: Selector = { type: 'same', as: 'namespace' };
  const shared = {
    tier: standardTier(semantics, 'default').id,
    order: [],
    tieUndefined: false,
    subject: podSubject(semantics, own, asCniReads(raw.podSelector, semantics)),
    family: null,
    action: 'allow',
    conditions: [],
  } as const;
  const entries: PolicyEntry[] = [];
  for (const direction of raw.types) {
    const whole: RuleRef = { policy: OPEN_POLICY, pointer: '', index: -1, name: '' };
    const isolation = { source: whole, direction, peers: { type: 'none' }, ports: ANY_PORT, isolates: true } as const;
    entries.push({ ...shared, ...isolation });
    for (const [index, rule] of raw.rules[direction].entries()) {
      const source: RuleRef = { policy: OPEN_POLICY, pointer: pointer('/spec', direction, index), index, name: '' };
      const peers = compilePeers(rule, semantics);
      entries.push({ ...shared, source, direction, peers, ports: compilePorts(rule, semantics), isolates: false });
    }
  }
  return entries;
}

function usesNamedPort(rules: Readonly<Record<Direction, readonly RawRule[]>>): boolean {
  return [...rules.ingress, ...rules.egress].some((rule) => rule.ports?.some((port) => typeof port.port === 'string'));
}

function compilePeers(rule: RawRule, semantics: Semantics): PeerSet {
  if (rule.peers === null) return { type: 'any' };
  if (rule.peers.length === 0) return { type: 'none' };
  return { type: 'of', selectors: rule.peers.map((peer) => compilePeer(peer, semantics)) };
}

function compilePeer(peer: RawPeer, semantics: Semantics): Selector {
  if (peer.type === 'pods') return podPeer(semantics, asCniReads(peer.selector, semantics));
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

function compilePorts(rule: RawRule, semantics: Semantics): PortSpec {
  if (rule.ports === null) return ANY_PORT;
  return { include: rule.ports.flatMap((port) => compilePort(port, semantics)), except: [] };
}

function compilePort(raw: RawPort, semantics: Semantics): PortMatch[] {
  const { protocol, port, endPort } = raw;
  if (protocol === SCTP && !semantics.sctp) return [];
  if (port === null) return [{ type: 'protocol', protocol }];
  if (typeof port === 'string') {
    if (semantics.namedPorts === 'widened') return [{ type: 'protocol', protocol }];
    return semantics.namedPorts === 'ignored' ? [] : [{ type: 'named', protocol, name: port }];
  }
  const to = endPort === null || semantics.endPort === 'ignored' ? port : endPort;
  return [{ type: 'range', protocol, from: port, to }];
}
