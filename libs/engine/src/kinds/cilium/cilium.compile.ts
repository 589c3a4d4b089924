import { ALL, and, ANY_PORT, NONE, not } from '../../model/index.js';
import type {
  Action,
  CompiledPolicy,
  Condition,
  Direction,
  PeerSet,
  PolicyEntry,
  PolicyFact,
  PortSpec,
  RuleRef,
  Selector,
  Semantics,
} from '../../model/index.js';
import { ProblemList } from '../../normalise/problem-list.js';
import type { CompileEnv } from '../frontend.js';
import { isolationTier, peersWithin, podLabelTest, podSubject, standardTier } from '../shared/index.js';
import { compileAuthentication } from './authentication.compile.js';
import { contextFor } from './cilium.context.js';
import type { CiliumContext } from './cilium.context.js';
import { parseCiliumPolicy } from './cilium.parse.js';
import type { RawDirection, RawRule, RawRuleSet } from './cilium.raw.js';
import { compileEntity } from './entities.compile.js';
import { compileNodeTests, compileTests, peerScope } from './label-tests.compile.js';
import { compilePeers, podKinds } from './peers.compile.js';
import { asksQuestions, byNumber, compilePorts } from './ports.compile.js';
import { demandOf } from './rule-demand.js';
import { rulePartsOf } from './rule-parts.js';

/**
 * Places in the pool that Cilium's kinds share with NetworkPolicy, whose allows stand at `allow`. Any deny comes before
 * any allow. Endpoint peers stand last among the allows, behind what `fromRequires` and `toRequires` take from them. What
 * the DNS proxy refuses, allows that do not name its port cannot give back.
 */
const ORDER = {
  deny: [0],
  allow: [1],
  requires: [2],
  allowEndpoints: [3],
  refusedQuestion: [4],
  allowOtherPorts: [5],
  refusedRequest: [6],
} as const;

/**
 * For whom parts of a policy's rules do not stand, as another rule of the same selector and port asks for more: by the
 * pointer of the rule and the key of the part. (CNP-89)
 */
export type Lifted = ReadonlyMap<string, ReadonlyMap<string, Selector>>;

/** The entries of a CiliumNetworkPolicy or CiliumClusterwideNetworkPolicy (cilium.semantics.md). */
export function compileCiliumPolicy(fact: PolicyFact, env: CompileEnv, lifted: Lifted = new Map()): CompiledPolicy {
  const { group, kind, namespace, name } = fact.meta;
  const policy = { group, kind, namespace, name };
  const { sets, context } = readCiliumPolicy(fact, env);
  const { problems } = context;
  if (problems.failed) return { policy, entries: [], diagnostics: problems.diagnostics, refused: true };
  if (context.options.derivesGroups && sets.some(namesGroups) && hasDerivative(fact, env)) {
    const why = 'has no effect itself: the operator derived a policy from it, with the addresses of its groups';
    problems.note('cilium.groups_derived', '/spec', why);
    return { policy, entries: [], diagnostics: problems.diagnostics, refused: false };
  }
  const compiler = new EntryCompiler(policy, env.semantics);
  for (const set of sets) compileRuleSet(set, context, lifted, compiler);
  return { policy, entries: compiler.entries, diagnostics: problems.diagnostics, refused: false };
}

/** The rule sets of a policy, and what compiling it needs; `problems` of the context says whether it is refused. */
export function readCiliumPolicy(
  fact: PolicyFact,
  env: CompileEnv,
): { readonly sets: readonly RawRuleSet[]; readonly context: CiliumContext } {
  const { kind, namespace } = fact.meta;
  const problems = new ProblemList(fact.meta);
  const context = contextFor(env, namespace, problems);
  const sets = parseCiliumPolicy(fact, {
    options: context.options,
    clusterWide: kind === 'CiliumClusterwideNetworkPolicy',
    namespace,
    sctp: env.semantics.sctp,
    problems,
  });
  return { sets, context };
}

const namesGroups = ({ ingress, egress }: RawRuleSet): boolean =>
  [ingress, egress].some(({ allow, deny }) => [...allow, ...deny].some(({ peers }) => peers.type === 'groups'));

/** The label by which the operator tells whose addresses a policy of its own holds. */
const PARENT = 'io.cilium.network.policy.parent.uuid';

/** Whether the policy that stands for this one is there. (CNP-47) */
function hasDerivative({ meta }: PolicyFact, env: CompileEnv): boolean {
  return env.policies.some((other) => other.meta.kind === meta.kind && other.meta.labels[PARENT] === meta.uid);
}

interface EntryParts {
  readonly order: PolicyEntry['order'];
  readonly action: Action;
  readonly peers: PeerSet;
  readonly ports: PortSpec;
  readonly conditions: readonly Condition[];
}

/** Gathers the entries of one policy. */
class EntryCompiler {
  readonly entries: PolicyEntry[] = [];
  readonly #policy: RuleRef['policy'];
  readonly #tier: string;
  readonly #end: string;

  constructor(policy: RuleRef['policy'], semantics: Semantics) {
    this.#policy = policy;
    this.#tier = standardTier(semantics, 'default').id;
    this.#end = isolationTier(semantics).id;
  }

  /** The entry that denies at the end what nothing allows. */
  isolate(direction: Direction, subject: Selector): void {
    const whole = { pointer: '', index: -1 };
    const nobody: PeerSet = { type: 'none' };
    const parts = { order: ORDER.allow, action: 'allow', peers: nobody, ports: ANY_PORT, conditions: [] } as const;
    this.#push(direction, subject, whole, parts, true);
  }

  add(direction: Direction, subject: Selector, rule: Pick<RawRule, 'pointer' | 'index'>, parts: EntryParts): void {
    this.#push(direction, subject, rule, parts, false);
  }

  #push(
    direction: Direction,
    subject: Selector,
    rule: Pick<RawRule, 'pointer' | 'index'>,
    parts: EntryParts,
    isolates: boolean,
  ): void {
    this.entries.push({
      source: { policy: this.#policy, pointer: rule.pointer, index: rule.index, name: '' },
      direction,
      tier: isolates ? this.#end : this.#tier,
      order: parts.order,
      tieUndefined: false,
      subject,
      peers: parts.peers,
      ports: parts.ports,
      family: null,
      action: parts.action,
      isolates,
      conditions: parts.conditions,
    });
  }
}

function compileRuleSet(set: RawRuleSet, shared: CiliumContext, lifted: Lifted, out: EntryCompiler): void {
  const { subject, context } = subjectOf(set, shared);
  if (subject === null) return;
  for (const direction of ['ingress', 'egress'] as const)
    compileDirection(set[direction], direction, subject, lifted, context, out);
}

/** Whom a rule set is for, null for nobody, and what compiling its rules needs. */
export function subjectOf(
  { subject: { type, tests } }: RawRuleSet,
  shared: CiliumContext,
): { readonly subject: Selector | null; readonly context: CiliumContext } {
  const subjectIsInit = tests.some((test) => test.source === 'reserved' && test.key === 'init');
  const context = { ...shared, subjectIsInit, subjectIsNode: type === 'nodes' };
  if (type === 'nodes' && !shared.options.hostFirewall) return { subject: null, context };
  return { subject: compileSubject({ type, tests }, context), context };
}

/** Endpoints of the policy's namespace; for the cluster-wide kind all endpoints, those of the agent too; or nodes. */
function compileSubject(subject: RawRuleSet['subject'], context: CiliumContext): Selector {
  const { tests } = subject;
  if (subject.type === 'nodes') return and({ type: 'kind', kinds: ['node', 'hostpod'] }, compileNodeTests(tests));
  if (context.namespace === '') {
    const kinds = [...podKinds(context), 'special'] as const;
    return and({ type: 'kind', kinds }, compileTests(tests, { type: 'open' }, podKinds(context), context));
  }
  return podSubject(
    context.env.semantics,
    { type: 'namespace', names: [context.namespace] },
    ...tests.map((test) => podLabelTest(test, context.identities)),
  );
}

function compileDirection(
  rules: RawDirection,
  direction: Direction,
  subject: Selector,
  lifted: Lifted,
  context: CiliumContext,
  out: EntryCompiler,
): void {
  if (rules.defaultDeny) out.isolate(direction, subject);
  for (const rule of rules.deny) {
    const peers = compilePeers(rule.peers, context);
    for (const { ports, open } of compilePorts(rule, direction, context)) {
      out.add(direction, subject, rule, { order: ORDER.deny, action: 'deny', peers, ports, conditions: open });
    }
    compileRequires(rule, direction, subject, rules.defaultDeny, context, out);
  }
  for (const rule of rules.allow) {
    for (const { part, stands } of standingParts(rule, lifted, context)) {
      compileAllow(part, direction, { subject, stands }, rules.defaultDeny, context, out);
    }
    compileRequires(rule, direction, subject, rules.defaultDeny, context, out);
  }
}

/** A rule, taken apart where some of it does not stand for everybody. */
function standingParts(
  rule: RawRule,
  lifted: Lifted,
  context: CiliumContext,
): readonly { readonly part: RawRule; readonly stands: Selector }[] {
  const keys = lifted.get(rule.pointer);
  const parts = keys === undefined ? null : rulePartsOf(rule, context);
  if (keys === undefined || parts === null) return [{ part: rule, stands: ALL }];
  return parts.map(({ key, rule: part }) => {
    const lifts = demandOf(part).names ? undefined : keys.get(key);
    return { part, stands: lifts === undefined ? ALL : not(lifts) };
  });
}

/** Whom a rule selects, and for whom of these it lets anything pass. */
interface Subjects {
  readonly subject: Selector;
  readonly stands: Selector;
}

function compileAllow(
  rule: RawRule,
  direction: Direction,
  { subject, stands }: Subjects,
  isolates: boolean,
  context: CiliumContext,
  out: EntryCompiler,
): void {
  const peers = compilePeers(rule.peers, context);
  const order = rule.peers.type === 'endpoints' ? ORDER.allowEndpoints : ORDER.allow;
  const refused = peersWithin(peers, not(admittedHost(direction, context)));
  for (const variant of compilePorts(rule, direction, context)) {
    const { ports, open } = variant;
    const conditions = [...variant.conditions, ...open];
    if (rule.authentication === null) {
      for (const part of inPlaces(ports, order, direction, context)) {
        out.add(direction, and(subject, stands), rule, { ...part, action: 'allow', peers, conditions });
      }
    }
    for (const entry of compileAuthentication(rule, { subject, peers, refused }, variant, context)) {
      const whom = entry.action === 'allow' ? and(entry.subject, stands) : entry.subject;
      out.add(direction, whom, rule, entry);
    }
    if (isolates && context.options.questionsByPort && asksQuestions(variant)) {
      out.add(direction, subject, rule, {
        order: ORDER.refusedQuestion,
        action: 'deny',
        peers,
        ports,
        conditions: open,
      });
    }
    if (variant.redirects && !isolates) {
      const parts = { order: ORDER.refusedRequest, action: 'deny', peers: refused, ports, conditions: open } as const;
      out.add(direction, subject, rule, parts);
    }
  }
}

/** A rule's ports where they stand among the allows: ports by their number lift what DNS rules ask for the same. (CNP-58) */
function inPlaces(
  ports: PortSpec,
  order: PolicyEntry['order'],
  direction: Direction,
  { options }: CiliumContext,
): readonly Pick<EntryParts, 'order' | 'ports'>[] {
  if (direction === 'ingress' || !options.questionsByPort) return [{ order, ports }];
  const { numbers, others } = byNumber(ports);
  const found = [
    { order, ports: numbers },
    { order: ORDER.allowOtherPorts, ports: others },
  ].filter(({ ports: { include } }) => include.length > 0);
  // A rule without ports still stands.
  return found.length === 0 ? [{ order, ports }] : found;
}

/** The pod's own node, which is let in where no rule denies it (CNP-77): what only ends allows does not concern it. */
function admittedHost(direction: Direction, context: CiliumContext): Selector {
  if (direction === 'egress' || !context.env.semantics.ownNodeToPod) return NONE;
  return compileEntity('host', context);
}

/**
 * Endpoints that lack what `fromRequires` or `toRequires` asks are not allowed by any rule's endpoint selectors; as the
 * subject is isolated, they are denied. Where it is not, it is left open what becomes of them.
 */
function compileRequires(
  rule: RawRule,
  direction: Direction,
  subject: Selector,
  isolates: boolean,
  context: CiliumContext,
  out: EntryCompiler,
): void {
  const what = 'constraints of `fromRequires` and `toRequires` without default deny are not evaluated';
  const conditions: Condition[] = isolates ? [] : [{ type: 'unsupported', what }];
  for (const tests of rule.requires) {
    const wanted = compileTests(tests, peerScope(tests, context, true), podKinds(context), context);
    const peers: PeerSet = { type: 'of', selectors: [and(not(wanted), not(admittedHost(direction, context)))] };
    out.add(direction, subject, rule, { order: ORDER.requires, action: 'deny', peers, ports: ANY_PORT, conditions });
  }
}
