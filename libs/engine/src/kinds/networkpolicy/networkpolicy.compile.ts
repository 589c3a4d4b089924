import { pointer } from '../../base/index.js';
import { and, ANY_PORT, objectRef } from '../../model/index.js';
import type {
  CompiledPolicy,
  Direction,
  ObjectRef,
  PolicyEntry,
  PolicyFact,
  RuleRef,
  Selector,
  Semantics,
} from '../../model/index.js';
import { ProblemList } from '../../normalise/problem-list.js';
import type { CompileEnv, PolicyPattern } from '../frontend.js';
import {
  asCniReads,
  bindEntry,
  isolationTier,
  networkPolicyOrder,
  podPeer,
  podSubject,
  standardTier,
} from '../shared/index.js';
import { dialectOf } from './dialect.js';
import { forClientsLeft, forPeersLeft, leftByExceptions } from './ended-by-exceptions.js';
import { knownUnder } from './known-parts.js';
import { leftOutByAzure } from './left-out-by-azure.js';
import type { LeftOut } from './left-out-by-azure.js';
import { refuseOddBlocks } from './odd-blocks.js';
import { parseNetworkPolicy } from './networkpolicy.parse.js';
import type { RawNetworkPolicy, RawPort } from './networkpolicy.parse.js';
import { looksAtPods } from './ports.compile.js';
import { NO_ORDER } from './rule-part.js';
import type { RulePart } from './rule-part.js';
import { compileRule } from './rule.compile.js';
import { inOtherDirection } from './shared-directions.js';
import { apartOnWindows } from './windows.js';

/** One entry that isolates per direction in force, and one or more per rule (networkpolicy.semantics.md). */
export function compileNetworkPolicy(fact: PolicyFact, env: CompileEnv): CompiledPolicy {
  const problems = new ProblemList(fact.meta);
  const { raw, left } = read(fact, env, problems);
  const policy = objectRef(fact.meta);
  if (problems.failed) return { policy, entries: [], diagnostics: problems.diagnostics, refused: true };
  const order = networkPolicyOrder(env.semantics, policy);
  const entries = openEntries(raw, policy.namespace, env).map((entry) => {
    const bound = bindEntry(entry, policy, entry.order.length === 0 ? order : [...order, ...entry.order]);
    return left === null ? bound : { ...bound, subject: and(bound.subject, { type: 'unknown', why: left.why }) };
  });
  return { policy, entries, diagnostics: problems.diagnostics, refused: false };
}

/**
 * The same, namespace left open; null where something is wrong with the object, or it depends on the pods there are, or its
 * entries stand in two tiers or have an order of their own.
 */
export function networkPolicyPattern(fact: PolicyFact, env: CompileEnv): PolicyPattern | null {
  if (env.semantics.isolatesLast) return null;
  const problems = new ProblemList(fact.meta);
  const { raw } = read(fact, env, problems);
  const standsAlone = problems.diagnostics.length === 0 && !looksAtPods(raw, env);
  if (!standsAlone) return null;
  const entries = openEntries(raw, '', env);
  return entries.every(({ order }) => order.length === 0) ? { entries } : null;
}

function read(
  fact: PolicyFact,
  { semantics }: CompileEnv,
  problems: ProblemList,
): { readonly raw: RawNetworkPolicy; readonly left: LeftOut | null } {
  const raw = parseNetworkPolicy(fact, problems, knownUnder(semantics).parts);
  if (semantics.namedPorts === 'rejected' && everyPort(raw.rules).some(({ port }) => typeof port === 'string')) {
    problems.error('networkpolicy.named_port', '/spec', 'the CNI refuses policies with named ports');
  }
  if (semantics.endPort === 'rejected' && everyPort(raw.rules).some(({ endPort }) => endPort !== null)) {
    problems.error('networkpolicy.end_port', '/spec', 'the CNI refuses policies with `endPort`');
  }
  refuseOddBlocks(raw, semantics, problems);
  const left = leftOutByAzure(fact, raw, semantics);
  if (left?.isCertain === true) problems.error('networkpolicy.left_out', left.at, left.why);
  else if (left !== null) problems.suspect('networkpolicy.left_out', left.at, left.why);
  return { raw, left };
}

function everyPort({ ingress, egress }: RawNetworkPolicy['rules']): readonly RawPort[] {
  return [...ingress, ...egress].flatMap((rule) => rule.ports ?? []);
}

const DIRECTIONS = ['ingress', 'egress'] as const satisfies readonly Direction[];
const NOTHING: RulePart = {
  action: 'allow',
  peers: { type: 'none' },
  ports: ANY_PORT,
  conditions: [],
  order: NO_ORDER,
};
const OWN: Selector = { type: 'same', as: 'namespace' };
const OPEN_POLICY: ObjectRef = { group: 'networking.k8s.io', kind: 'NetworkPolicy', namespace: '', name: '' };
const WHOLE_POLICY: RuleRef = { policy: OPEN_POLICY, pointer: '', index: -1, name: '' };

/** `namespace` is for what depends on the pods there are. */
function openEntries(raw: RawNetworkPolicy, namespace: string, env: CompileEnv): PolicyEntry[] {
  const { semantics } = env;
  const tier = standardTier(semantics, 'default').id;
  const end = isolationTier(semantics).id;
  const chosen = asCniReads(raw.podSelector, semantics);
  const subject = podSubject(semantics, OWN, chosen);
  const subjects = and(OWN, raw.podSelector);
  // Field by field: a cluster may have very many of these.
  const entry = (source: RuleRef, direction: Direction, part: RulePart, some = subject): PolicyEntry => ({
    source,
    direction,
    tier: source.index < 0 ? end : tier,
    order: part.order,
    tieUndefined: false,
    subject: some,
    peers: part.peers,
    ports: part.ports,
    family: null,
    action: part.action,
    isolates: source.index < 0,
    conditions: part.conditions,
  });
  const entries: PolicyEntry[] = [];
  const { sources } = knownUnder(semantics);
  const directions = directionsOf(raw, semantics);
  for (const direction of DIRECTIONS) {
    const isolates = directions.includes(direction);
    if (!isolates && !dialectOf(semantics).rulesBesideTypes) continue;
    if (isolates) entries.push(entry(WHOLE_POLICY, direction, NOTHING));
    for (const [index, rule] of raw.rules[direction].entries()) {
      const at = (): string => pointer('/spec', direction, index);
      const source = (sources[direction][index] ??= { policy: OPEN_POLICY, pointer: at(), index, name: '' });
      for (const { rule: one, subject: some } of apartOnWindows(rule, subject, semantics)) {
        for (const part of compileRule(one, { direction, namespace, env, subjects }))
          entries.push(entry(source, direction, part, some));
      }
    }
  }
  if (!dialectOf(semantics).sharedDirections) return entries;
  const leftTo = leftByExceptions(raw, directions, semantics);
  const kept = entries.map((one) => forClientsLeft(forPeersLeft(one, leftTo(one)), leftTo(one)));
  if (directions.length < 2) return kept;
  const asPeers = podPeer(semantics, OWN, chosen);
  const turned = entries.flatMap((one) => {
    const left = leftTo(one);
    const peers = one.direction === 'egress' ? and(asPeers, left.clients) : asPeers;
    return inOtherDirection(forPeersLeft(one, left), peers) ?? [];
  });
  return [...kept, ...turned];
}

function directionsOf({ types, rules }: RawNetworkPolicy, { untypedRules }: Semantics): readonly Direction[] {
  return [...new Set([...types, ...untypedRules.filter((direction) => rules[direction].length > 0)])];
}
