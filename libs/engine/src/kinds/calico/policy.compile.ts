import { and, ANY_PORT, or } from '../../model/index.js';
import type {
  CompiledPolicy,
  Condition,
  Direction,
  ObjectRef,
  PolicyEntry,
  PolicyFact,
  RuleRef,
  Selector,
  Tier,
} from '../../model/index.js';
import { ProblemList } from '../../normalise/problem-list.js';
import type { CompileEnv } from '../frontend.js';
import { podSubject } from '../shared/index.js';
import { unplacedPolicy } from '../unread-policy.js';
import { policyKindOf } from '../../normalise/normalise-object.js';
import { contextOf } from './calico.context.js';
import type { CalicoContext } from './calico.context.js';
import { policyName } from './calico-meta.js';
import type { RawCalicoPolicy, RawRule } from './calico.raw.js';
import type { HostEndpoint } from './host-endpoint.parse.js';
import { isEveryInterface, podsOn } from './host-endpoint.js';
import { elsewhere, hostSubjects, seenBeforeTranslation } from './host-policy.js';
import { addressesAsked, hostLabels } from './peers.compile.js';
import { calicoVersion } from './calico-version.js';
import { parseCalicoPolicy } from './policy.parse.js';
import { portSpec } from './ports.compile.js';
import { serviceBackends } from './service.compile.js';
import { ruleParts } from './rule.compile.js';
import type { RulePart } from './rule.compile.js';
import { both, namesGlobal } from './selector.ast.js';
import type { CalicoSelector } from './selector.ast.js';
import { podTest } from './selector.compile.js';
import { NAMESPACE_LABEL, overNamespaces, subjectServiceAccounts } from './selector.scope.js';
import { selects } from './selector.static.js';
import { forwardTier, LAST, stageTier } from './tiers.js';
import { REPLY_LOOKS, replyEffects, replyParts, replyTier, withEffect } from './untracked-replies.js';
import type { ReplyLook } from './untracked-replies.js';
import { whereThereIs } from './windows.js';

const OPPOSITE = { ingress: 'egress', egress: 'ingress' } as const;

/** One place where a policy is evaluated: a tier, the endpoints it speaks for, and the directions that count there. */
interface Placement {
  readonly tier: string;
  readonly subject: Selector;
  readonly isolates: boolean;
  readonly directions: readonly Direction[];
  /** What enters the host is what the subject sends, and what leaves it is what the subject receives. */
  readonly turned: boolean;
  /** What replies make of untracked policy; null where it is asked as it is. */
  readonly look: ReplyLook | null;
}

/** Compiles NetworkPolicy or GlobalNetworkPolicy of either Calico group (calico.semantics.md). */
export function compileCalicoPolicy(fact: PolicyFact, env: CompileEnv): CompiledPolicy {
  const kind = policyKindOf(fact.meta);
  const problems = new ProblemList(fact.meta);
  const raw = parseCalicoPolicy(fact, problems, calicoVersion(env));
  const { group, namespace, name } = fact.meta;
  const policy: ObjectRef = { group, kind: fact.meta.kind, namespace, name };
  if (problems.failed) return { policy, entries: [], diagnostics: problems.diagnostics, refused: true };
  const context = contextOf(env);
  reportUnknownNames(raw, context, problems);
  const entries = placements(raw, namespace, context).flatMap((placement) =>
    placement.directions.flatMap((direction) => entriesOf(raw, direction, policy, fact, placement, context)),
  );
  const compiled = { policy, entries, diagnostics: problems.diagnostics, refused: false };
  // Calico's order has no place in another engine's: what the policy does there is open.
  return env.semantics.combination === 'calico' || kind === null ? compiled : unplacedPolicy(compiled, kind);
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

/** Workloads, the host's own traffic, and what hosts forward are judged apart. (CAL-10, CAL-60 to CAL-67, CAL-75) */
function placements(raw: RawCalicoPolicy, namespace: string, context: CalicoContext): readonly Placement[] {
  const known = context.tiers.get(raw.tier);
  if (known === undefined) return [];
  const selector = subjectSelector(raw);
  const hosts =
    namespace === '' ? context.hosts.all.filter((host) => selects(selector, hostLabels(host, context))) : [];
  const inside: Selector[] = namespace === '' ? [] : [{ type: 'namespace', names: [namespace] }];
  const pods = raw.stage === 'normal' ? podSubject(context.env.semantics, ...inside, podTest(selector, context)) : or();
  const tier = stageTier(known.tier, raw.stage);
  const shared = {
    isolates: raw.stage === 'normal' && known.endsIn === 'Deny',
    directions: raw.types,
    turned: false,
    look: null,
  } as const;
  const ownTraffic = hostSubjects(hosts, context);
  const out: Placement[] = [{ ...shared, tier: tier.id, subject: or(pods, ownTraffic) }];
  if (raw.stage === 'untracked') {
    out.push(...REPLY_LOOKS.map((look) => ({ ...shared, tier: replyTier(tier, look).id, subject: ownTraffic, look })));
  }
  if (raw.applyOnForward) out.push(...forwarded(raw, tier, shared, hosts, context));
  return out.filter(({ subject }) => subject.type !== 'none');
}

/** Before connections are tracked, only what arrives from outside is looked at. (CAL-64 to CAL-67) */
function forwarded(
  raw: RawCalicoPolicy,
  tier: Tier,
  shared: Omit<Placement, 'tier' | 'subject'>,
  hosts: readonly HostEndpoint[],
  context: CalicoContext,
): readonly Placement[] {
  const subject = or(...hosts.map((host) => context.hosts.forwardedTraffic(host)));
  if (raw.stage === 'untracked') {
    const directions = raw.types.filter((direction) => direction === 'ingress');
    return [{ ...shared, tier: forwardTier(tier, 'host-untracked').id, subject, directions }];
  }
  const behind = or(...hosts.filter(isEveryInterface).map(podsOn));
  return [
    { ...shared, tier: forwardTier(tier, 'host-forward').id, subject },
    { ...shared, tier: forwardTier(tier, 'host-inward').id, subject: behind, turned: true },
  ];
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
  const { look } = place;
  const at = place.turned || look?.part === 'reply' ? OPPOSITE[direction] : direction;
  const shared = { direction: at, tier: place.tier, tieUndefined: false } as const;
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
    const parts =
      look?.part === 'reply' ? replyParts(rule, at, context) : partsAt(rule, raw.stage, at, namespace, context);
    const where = whereThereIs(rule, namespace, context);
    for (const part of parts) {
      const subject = and(place.subject, part.subject, where);
      if (subject.type === 'none' || part.peers.type === 'none') continue;
      const entry: PolicyEntry = {
        ...shared,
        source: { policy, pointer: `/spec/${direction}/${index}`, index, name: '' },
        order: [...order, index],
        subject,
        peers: raw.stage === 'untracked' ? elsewhere(part.peers) : part.peers,
        ports: part.ports,
        family: rule.ipVersion,
        action,
        isolates: false,
        conditions: part.conditions,
      };
      if (look === null) entries.push(entry);
      else entries.push(...replyEffects(action, look).flatMap((effect) => withEffect(entry, effect)));
    }
  }
  return entries;
}

function partsAt(
  rule: RawRule,
  stage: RawCalicoPolicy['stage'],
  at: Direction,
  namespace: string,
  context: CalicoContext,
): readonly RulePart[] {
  if (stage === 'normal') return ruleParts(rule, at, namespace, context);
  return aroundTranslation(rule, context).flatMap(({ rule: variant, conditions }) =>
    ruleParts(variant, at, namespace, context).map((part) => ({
      ...part,
      conditions: [...part.conditions, ...conditions],
    })),
  );
}

interface Variant {
  readonly rule: RawRule;
  readonly conditions: readonly Condition[];
}

/** A rule that looks at destinations before they are translated: of clients that use them as they are, and of others. (CAL-65) */
function aroundTranslation(rule: RawRule, context: CalicoContext): readonly Variant[] {
  const { destination } = rule;
  const { ports, notPorts, nets, notNets, selector, notSelector, namespaceSelector, serviceAccounts, service } =
    destination;
  const asks = [selector, notSelector, namespaceSelector, serviceAccounts, service].some((part) => part !== null);
  if (!asks && [ports, notPorts, nets, notNets].every((part) => part.length === 0)) return [{ rule, conditions: [] }];
  // Names of ports are those of endpoints, whose addresses these are not yet.
  const before = { ports: portSpec(rule, () => []), ...addressesAsked(destination, context) };
  return [
    { rule, conditions: [{ type: 'direct' }] },
    { rule: { ...rule, destination: ANY_ENTITY }, conditions: [seenBeforeTranslation(before)] },
  ];
}

const ANY_ENTITY: RawRule['destination'] = {
  selector: null,
  notSelector: null,
  namespaceSelector: null,
  serviceAccounts: null,
  nets: [],
  notNets: [],
  ports: [],
  notPorts: [],
  service: null,
};

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
