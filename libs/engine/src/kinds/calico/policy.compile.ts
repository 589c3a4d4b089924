import { and, ANY_PORT, or } from '../../model/index.js';
import type {
  CompiledPolicy,
  Direction,
  ObjectRef,
  PolicyEntry,
  PolicyFact,
  RuleRef,
  Selector,
} from '../../model/index.js';
import { ProblemList } from '../../normalise/problem-list.js';
import type { CompileEnv } from '../frontend.js';
import { podSubject } from '../shared/index.js';
import { unreadPolicy } from '../unread-policy.js';
import { policyKindOf } from '../../normalise/normalise-object.js';
import { contextOf } from './calico.context.js';
import type { CalicoContext } from './calico.context.js';
import { policyName } from './calico-meta.js';
import type { RawCalicoPolicy, RawRule } from './calico.raw.js';
import { hostSubjects } from './host-policy.js';
import { hostLabels } from './peers.compile.js';
import { parseCalicoPolicy } from './policy.parse.js';
import { serviceBackends } from './service.compile.js';
import { ruleParts } from './rule.compile.js';
import { both, namesGlobal } from './selector.ast.js';
import type { CalicoSelector } from './selector.ast.js';
import { podTest } from './selector.compile.js';
import { NAMESPACE_LABEL, overNamespaces, subjectServiceAccounts } from './selector.scope.js';
import { selects } from './selector.static.js';
import { forwardTier, LAST, stageTier } from './tiers.js';
import type { CalicoTier } from './tiers.js';

/** One place where a policy is evaluated: a tier, the endpoints it speaks for, and what their peers may be. */
interface Placement {
  readonly tier: string;
  readonly subject: Selector;
  readonly isolates: boolean;
}

/** Compiles NetworkPolicy or GlobalNetworkPolicy of either Calico group (calico.semantics.md). */
export function compileCalicoPolicy(fact: PolicyFact, env: CompileEnv): CompiledPolicy {
  const kind = policyKindOf(fact.meta);
  // Calico's order has no place in another engine's: what the policy does there is open.
  if (env.semantics.combination !== 'calico' && kind !== null) return unreadPolicy(fact, kind);
  const problems = new ProblemList(fact.meta);
  const raw = parseCalicoPolicy(fact, problems);
  const { group, namespace, name } = fact.meta;
  const policy: ObjectRef = { group, kind: fact.meta.kind, namespace, name };
  if (problems.failed) return { policy, entries: [], diagnostics: problems.diagnostics, refused: true };
  const context = contextOf(env);
  reportUnknownNames(raw, context, problems);
  const entries = placements(raw, namespace, context).flatMap((placement) =>
    raw.types.flatMap((direction) => entriesOf(raw, direction, policy, fact, placement, context)),
  );
  return { policy, entries, diagnostics: problems.diagnostics, refused: false };
}

function reportUnknownNames(raw: RawCalicoPolicy, context: CalicoContext, problems: ProblemList): void {
  const tier = context.tiers.get(raw.tier);
  if (tier?.tier.order[1] === 'missing') {
    problems.suspect(
      'calico.tier_missing',
      '/spec/tier',
      `there is no tier \`${raw.tier}\`; it is evaluated after all others`,
    );
  }
  for (const direction of ['ingress', 'egress'] as const) {
    for (const [index, rule] of raw.rules[direction].entries()) {
      const ref = rule.source.service ?? rule.destination.service;
      if (ref === null || serviceBackends(ref, context) !== null) continue;
      const side = direction === 'ingress' ? 'source' : 'destination';
      const message = `there is no Service \`${ref.namespace}/${ref.name}\`, so the rule matches nothing`;
      problems.suspect('calico.service_missing', `/spec/${direction}/${index}/${side}/services`, message);
    }
  }
}

/** Workloads, the host's own traffic, and what hosts forward are judged apart. (CAL-10, CAL-60 to CAL-64) */
function placements(raw: RawCalicoPolicy, namespace: string, context: CalicoContext): readonly Placement[] {
  const known = context.tiers.get(raw.tier);
  if (known === undefined) return [];
  const selector = subjectSelector(raw);
  const hosts =
    namespace === '' ? context.hosts.all.filter((host) => selects(selector, hostLabels(host, context))) : [];
  const hostTraffic = hostSubjects(hosts, context);
  const out: Placement[] = [];
  if (raw.stage === 'normal') {
    const inside: Selector = { type: 'namespace', names: [namespace] };
    const pods = podSubject(context.env.semantics, ...(namespace === '' ? [] : [inside]), podTest(selector, context));
    out.push(placement(known, or(pods, hostTraffic)));
  } else if (hostTraffic.type !== 'none') {
    out.push({ tier: stageTier(known.tier, raw.stage).id, subject: hostTraffic, isolates: false });
  }
  if (raw.applyOnForward && raw.stage === 'normal' && hosts.length > 0) {
    const forwarded = or(...hosts.map((host) => context.hosts.forwardedTraffic(host)));
    out.push(placement({ ...known, tier: forwardTier(known.tier) }, forwarded));
  }
  return out.filter(({ subject }) => subject.type !== 'none');
}

function placement(known: CalicoTier, subject: Selector): Placement {
  return { tier: known.tier.id, subject, isolates: known.endsIn === 'Deny' };
}

/** A namespace selector leaves workloads only, unless it asks for what is in no namespace. (CAL-11) */
function subjectSelector(raw: RawCalicoPolicy): CalicoSelector {
  const { selector, namespaceSelector, serviceAccountSelector } = raw;
  const parts: CalicoSelector[] = selector === null ? [] : [selector];
  if (namespaceSelector !== null) {
    if (!namesGlobal(namespaceSelector)) parts.push({ type: 'has', key: NAMESPACE_LABEL });
    parts.push(overNamespaces(namespaceSelector));
  }
  if (serviceAccountSelector !== null) parts.push(subjectServiceAccounts(serviceAccountSelector));
  return both(...parts);
}

function entriesOf(
  raw: RawCalicoPolicy,
  direction: Direction,
  policy: ObjectRef,
  fact: PolicyFact,
  place: Placement,
  context: CalicoContext,
): PolicyEntry[] {
  const { namespace, kind } = fact.meta;
  const order = [raw.order ?? LAST, `${policyName(fact.meta, raw.tier)}/${namespace}/${kind}`];
  const shared = { direction, tier: place.tier, tieUndefined: false } as const;
  const whole: RuleRef = { policy, pointer: '', index: -1, name: '' };
  const entries: PolicyEntry[] = [
    {
      ...shared,
      source: whole,
      order: [...order, -1],
      subject: place.subject,
      peers: { type: 'none' },
      ports: ANY_PORT,
      family: null,
      action: 'allow',
      isolates: place.isolates,
      conditions: [],
    },
  ];
  for (const [index, rule] of raw.rules[direction].entries()) {
    const action = actionOf(rule);
    if (action === null) continue;
    for (const part of ruleParts(rule, direction, namespace, context)) {
      const subject = part.subject === null ? place.subject : and(place.subject, part.subject);
      if (subject.type === 'none' || part.peers.type === 'none') continue;
      entries.push({
        ...shared,
        source: { policy, pointer: `/spec/${direction}/${index}`, index, name: '' },
        order: [...order, index],
        subject,
        peers: part.peers,
        ports: part.ports,
        family: rule.ipVersion,
        action,
        isolates: false,
        conditions: part.conditions,
      });
    }
  }
  return entries;
}

/** Log goes on with the next rule, so it has no effect of its own. (CAL-8) */
export function actionOf(rule: RawRule): PolicyEntry['action'] | null {
  switch (rule.action) {
    case 'Allow':
      return 'allow';
    case 'Deny':
      return 'deny';
    case 'Pass':
      return 'pass';
    case 'Log':
      return null;
  }
}
