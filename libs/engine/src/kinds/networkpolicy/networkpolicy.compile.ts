import { pointer } from '../../base/index.js';
import { and, ANY_PORT, SCTP } from '../../model/index.js';
import type {
  CompiledPolicy,
  Direction,
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
import type { CompileEnv } from '../frontend.js';
import { asCniReads, blockSelector, networkPolicyOrder, podPeer, podSubject, standardTier } from '../shared/index.js';
import { parseNetworkPolicy } from './networkpolicy.parse.js';
import type { RawPeer, RawPort, RawRule } from './networkpolicy.parse.js';

/** One entry that isolates per direction in force, and one per rule (networkpolicy.semantics.md). */
export function compileNetworkPolicy(fact: PolicyFact, env: CompileEnv): CompiledPolicy {
  const problems = new ProblemList(fact.meta);
  const raw = parseNetworkPolicy(fact, problems);
  const { group, kind, namespace, name } = fact.meta;
  const policy = { group, kind, namespace, name };
  const { semantics } = env;
  if (semantics.namedPorts === 'rejected' && usesNamedPort(raw.rules)) {
    problems.error('networkpolicy.named_port', '/spec', 'the CNI refuses policies with named ports');
  }
  if (problems.failed) return { policy, entries: [], diagnostics: problems.diagnostics, refused: true };
  const subject = podSubject(
    semantics,
    { type: 'namespace', names: [namespace] },
    asCniReads(raw.podSelector, semantics),
  );
  const shared = {
    tier: standardTier(semantics, 'default').id,
    order: networkPolicyOrder(semantics, namespace, name),
    tieUndefined: false,
    subject,
    family: null,
    action: 'allow',
    conditions: [],
  } as const;
  const entries: PolicyEntry[] = [];
  for (const direction of raw.types) {
    const whole: RuleRef = { policy, pointer: '', index: -1, name: '' };
    const isolation = { source: whole, direction, peers: { type: 'none' }, ports: ANY_PORT, isolates: true } as const;
    entries.push({ ...shared, ...isolation });
    for (const [index, rule] of raw.rules[direction].entries()) {
      const source: RuleRef = { policy, pointer: pointer('/spec', direction, index), index, name: '' };
      const peers = compilePeers(rule, namespace, semantics);
      entries.push({ ...shared, source, direction, peers, ports: compilePorts(rule, semantics), isolates: false });
    }
  }
  return { policy, entries, diagnostics: problems.diagnostics, refused: false };
}

function usesNamedPort(rules: Readonly<Record<Direction, readonly RawRule[]>>): boolean {
  return [...rules.ingress, ...rules.egress].some((rule) => rule.ports?.some((port) => typeof port.port === 'string'));
}

function compilePeers(rule: RawRule, namespace: string, semantics: Semantics): PeerSet {
  if (rule.peers === null) return { type: 'any' };
  if (rule.peers.length === 0) return { type: 'none' };
  return { type: 'of', selectors: rule.peers.map((peer) => compilePeer(peer, namespace, semantics)) };
}

function compilePeer(peer: RawPeer, namespace: string, semantics: Semantics): Selector {
  if (peer.type === 'pods') return podPeer(semantics, asCniReads(inNamespace(peer.selector, namespace), semantics));
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

/** "Same namespace" of a NetworkPolicy is its own namespace, a constant: it needs no look at the subject. */
function inNamespace(selector: Selector, namespace: string): Selector {
  if (selector.type === 'same') return { type: 'namespace', names: [namespace] };
  if (selector.type === 'and') return and(...selector.of.map((member) => inNamespace(member, namespace)));
  return selector;
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
