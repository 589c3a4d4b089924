import { pointer } from '../../base/index.js';
import { ANY_PORT, SCTP } from '../../model/index.js';
import type {
  CompiledPolicy,
  Direction,
  ObjectRef,
  PeerSet,
  PolicyEntry,
  PolicyFact,
  PortSpec,
  Selector,
  Semantics,
} from '../../model/index.js';
import { ProblemList } from '../../normalise/problem-list.js';
import type { CompileEnv } from '../frontend.js';
import { podSubject } from '../shared/index.js';
import { bareNames } from './bare-names.js';
import { isRefused } from './codes.js';
import { ciliumDnsEntry } from './cilium-dns.js';
import type { Dialect } from './dialect.js';
import { compilePeer } from './compile-peers.js';
import { failClosedStyle, isUnreadable, portsAsRead, rejection } from './fail-closed.js';
import { placement, priorityLimit } from './upstream-placement.js';
import type { UpstreamKind } from './upstream-placement.js';
import type { RawPeer, RawRule, RawUpstreamPolicy } from './upstream-policy.raw.js';

/** What sets one kind of the family apart from the others. */
export interface KindReader {
  readonly kind: UpstreamKind;
  readonly dialect: Dialect;
  readonly parse: (fact: PolicyFact, problems: ProblemList) => RawUpstreamPolicy;
}

/** Compiles one policy of the family: one entry per rule, more where an engine splits a rule (upstream.semantics.md). */
export function compileUpstreamPolicy(fact: PolicyFact, env: CompileEnv, reader: KindReader): CompiledPolicy {
  const { kind, dialect, parse } = reader;
  const problems = new ProblemList(fact.meta);
  const raw = parse(fact, problems);
  const { group, namespace, name } = fact.meta;
  const policy: ObjectRef = { group, kind: fact.meta.kind, namespace, name };
  const { semantics } = env;
  const limit = priorityLimit(semantics, kind);
  if (limit !== null && raw.priority > limit) {
    const message = `the CNI takes priorities from 0 to ${limit} and ignores this policy`;
    problems.unsupported('adminpolicy.priority_limit', '/spec/priority', message);
  }
  const left = rejection([...raw.rules.ingress, ...raw.rules.egress], kind, semantics);
  if (left !== null) problems.unsupported(left.code, '/spec', `${left.message}; the policy has no effect`);
  if (isRefused(problems) || left !== null || (limit !== null && raw.priority > limit)) {
    return { policy, entries: [], diagnostics: problems.diagnostics, refused: true };
  }
  const place = placement(semantics, kind, raw, name);
  const subject = podSubject(semantics, raw.subject);
  const entries = (['ingress', 'egress'] as const).flatMap((direction) =>
    raw.rules[direction].flatMap((rule, index) =>
      compileRule(rule, {
        env,
        semantics,
        dialect,
        base: {
          source: { policy, pointer: pointer('/spec', direction, index), index, name: rule.name },
          direction,
          tier: place.tier,
          order: place.order(index),
          tieUndefined: place.tieUndefined,
          subject,
          family: null,
          isolates: false,
        },
      }),
    ),
  );
  return { policy, entries, diagnostics: problems.diagnostics, refused: false };
}

/** What all entries of one rule have in common. */
type RuleBase = Pick<PolicyEntry, 'source' | 'tier' | 'order' | 'tieUndefined' | 'subject' | 'family' | 'isolates'> & {
  readonly direction: Direction;
};

interface RuleContext {
  readonly env: CompileEnv;
  readonly semantics: Semantics;
  readonly dialect: Dialect;
  readonly base: RuleBase;
}

function compileRule(written: RawRule, context: RuleContext): PolicyEntry[] {
  const { env, semantics, dialect, base } = context;
  const rule = { ...written, ports: portsAsRead(written, dialect, semantics) };
  const style = failClosedStyle(semantics);
  const unreadable = rule.peers.filter((peer) => isUnreadable(peer, rule, dialect, semantics));
  const denyAll: PolicyEntry = { ...base, action: 'deny', peers: { type: 'any' }, ports: ANY_PORT, conditions: [] };
  const nothing: PolicyEntry = { ...denyAll, action: rule.action, peers: { type: 'none' } };
  if (unreadable.length > 0 && style === 'rule') {
    return [rule.action === 'allow' ? nothing : denyAll];
  }
  if (unreadable.length > 0 && style === 'deny-only' && rule.action === 'deny') {
    return onPorts(rule, semantics, denyAll);
  }
  const readable = rule.peers.filter((peer) => !unreadable.includes(peer));
  const entry: PolicyEntry = { ...nothing, peers: peerSet(readable, dialect, semantics) };
  const entries = [...onPorts(rule, semantics, entry), ...bareNames(rule, env, entry)];
  if (unreadable.length > 0 && style === 'peer' && rule.action !== 'allow') {
    entries.push(...onPorts(rule, semantics, denyAll));
  }
  const dns = semantics.combination === 'cilium' ? ciliumDnsEntry(rule, { ...nothing, action: 'allow' }) : null;
  return dns === null ? entries : [...entries, dns];
}

function peerSet(peers: readonly RawPeer[], dialect: Dialect, semantics: Semantics): PeerSet {
  const selectors = peers
    .map((peer) => compilePeer(peer, dialect, semantics))
    .filter((selector): selector is Selector => selector !== null);
  return selectors.length === 0 ? { type: 'none' } : { type: 'of', selectors };
}

/** The entry on the rule's ports; a second one may match where the rule has matches that we cannot read. */
function onPorts(rule: RawRule, semantics: Semantics, entry: PolicyEntry): PolicyEntry[] {
  const { ports } = rule;
  if (ports === null) return [{ ...entry, ports: ANY_PORT }];
  const include = ports.matches.filter((match) => semantics.sctp || match.protocol !== SCTP);
  const spec: PortSpec = { include, except: [] };
  const known = { ...entry, ports: spec };
  if (ports.unread.length === 0) return [known];
  const what = `port or protocol ${ports.unread.map((name) => `\`${name}\``).join(', ')} is not evaluated`;
  return [known, { ...entry, ports: ANY_PORT, conditions: [...entry.conditions, { type: 'unsupported', what }] }];
}
