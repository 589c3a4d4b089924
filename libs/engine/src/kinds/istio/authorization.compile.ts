import { canonicalJson, field, isObject, pointer, text } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import { and, NONE } from '../../model/index.js';
import type { CompiledPolicy, Condition, ObjectRef, PolicyEntry, PolicyFact, Selector } from '../../model/index.js';
import { describe, ProblemList } from '../../normalise/problem-list.js';
import type { CompileEnv } from '../frontend.js';
import { isDryRun } from './dry-run.js';
import { meshMembers } from './enrolment.js';
import type { MeshMode } from './enrolment.js';
import { readItems, warnUnknownFields } from './fields.parse.js';
import { readMeshConfig } from './mesh-config.js';
import { aroundProxies, meshEntry, ruleRef, tcpPorts } from './mesh-tier.js';
import { compileOperation } from './operation.compile.js';
import { identifiedClients } from './plaintext.compile.js';
import type { PolicyContext, Proxy, RuleContext } from './rule-context.js';
import { compileSource, isOfRequests } from './source.compile.js';
import { compileTargets, isAboutAmbient, isLostAtZtunnel } from './targets.compile.js';
import { ANY_TERM, bothOfEach, readByZtunnel } from './term.js';
import type { Term } from './term.js';
import { compileWhen } from './when.compile.js';

const ACTIONS = ['ALLOW', 'DENY', 'AUDIT', 'CUSTOM'] as const;
type AuthorizationAction = (typeof ACTIONS)[number];

/** A rule: one of the sources, one of the operations and every condition must hold; empty lists ask for nothing. */
interface RuleTerms {
  readonly from: readonly Term[];
  readonly to: readonly Term[];
  /** Of each condition one of its terms. */
  readonly when: readonly (readonly Term[])[];
}

/** Rules, each in one form for each set of clients that have an identity somewhere. */
type Rules = readonly (readonly RuleTerms[])[];

/** What each proxy reads; null for ztunnel where nothing is ambient, and where it is told nothing. */
interface RulesByProxy {
  readonly sidecar: Rules;
  readonly ztunnel: Rules | null;
}

/** Reads and compiles an AuthorizationPolicy (istio.semantics.md). */
export function compileAuthorizationPolicy(fact: PolicyFact, env: CompileEnv): CompiledPolicy {
  const problems = new ProblemList(fact.meta);
  const { group, kind, namespace, name } = fact.meta;
  const policy = { group, kind, namespace, name };
  const context: PolicyContext = { env, namespace, problems };
  const spec = field(fact.raw, 'spec') ?? {};
  if (!isObject(spec)) problems.error('istio.spec', '/spec', `expected an object, found ${describe(spec)}`);
  const fields = ['selector', 'targetRef', 'targetRefs', 'rules', 'action', 'provider'];
  warnUnknownFields(spec, fields, '/spec', problems);
  const action = readAction(field(spec, 'action'), problems);
  const target = compileTargets(spec, context);
  const rules = readByProxy(spec, context);
  const isDecided = action !== 'CUSTOM' || !isForAuthorizer(spec, env, problems);
  const finished = (entries: readonly PolicyEntry[]): CompiledPolicy => {
    const refused = problems.failed;
    return { policy, entries: refused ? [] : entries, diagnostics: problems.diagnostics, refused };
  };
  if (isDryRun(fact)) {
    problems.note('istio.dry_run', '/metadata/annotations', 'a dry run: it is not enforced');
    return finished([]);
  }
  return finished(action === 'AUDIT' ? [] : compileTarget({ action, isDecided }, target, rules, policy, problems));
}

/** Whether an authorizer that the mesh knows decides about what a CUSTOM policy matches. */
function isForAuthorizer(spec: Json, env: CompileEnv, problems: ProblemList): boolean {
  const provider = field(spec, 'provider');
  if (provider === undefined) {
    problems.error('istio.provider', '/spec', 'action CUSTOM needs a `provider`');
    return true;
  }
  const name = text(field(provider, 'name'));
  const { known, providers } = readMeshConfig(env);
  if (!known || providers.includes(name)) return true;
  const message = `\`${name}\` is none of the \`extensionProviders\` of the mesh: sidecars refuse what the rules match`;
  problems.suspect('istio.provider_unknown', '/spec/provider/name', message);
  return false;
}

function readAction(value: Json | undefined, problems: ProblemList): AuthorizationAction {
  const action = ACTIONS.find((known) => known === (value ?? 'ALLOW'));
  if (action !== undefined) return action;
  const message = `expected ${ACTIONS.join(', ')}, found ${describe(value)}`;
  problems.error('istio.action', '/spec/action', message);
  return 'DENY';
}

/** Rules are read for ztunnel by themselves only where it reads some part of them in another way. */
function readByProxy(spec: unknown, context: PolicyContext): RulesByProxy {
  const readings = { differ: false };
  const sidecar = readRules(spec, context, 'sidecar', () => {
    readings.differ = true;
  });
  if (context.env.ambient.size === 0) return { sidecar, ztunnel: null };
  if (isLostAtZtunnel(field(spec, 'selector'))) {
    if (isAboutAmbient(context)) {
      const message = 'ztunnel enforces nothing of it: a selector without `matchLabels` chooses no ambient workload';
      context.problems.suspect('istio.selector_lost', '/spec/selector', message);
    }
    return { sidecar, ztunnel: null };
  }
  // What is wrong with a rule is told once.
  const untold = { ...context, problems: new ProblemList(null) };
  return { sidecar, ztunnel: readings.differ ? readRules(spec, untold, 'ztunnel', () => undefined) : sidecar };
}

function readRules(spec: unknown, context: PolicyContext, proxy: Proxy, differs: () => void): Rules {
  const forms = identifiedClients(context.env, context.namespace).map(({ clients, where }, index) => {
    const problems = index === 0 ? context.problems : new ProblemList(null);
    return { where, rules: readForm(spec, { ...context, proxy, problems, identified: clients, differs }) };
  });
  return (forms[0]?.rules ?? []).map((first, at) => {
    const read = forms.flatMap(({ where, rules }) => rules.slice(at, at + 1).map((rule) => ({ where, rule })));
    // Where nothing is asked of identities it makes no difference who has one.
    if (read.every(({ rule }) => canonicalJson(rule) === canonicalJson(first))) return [first];
    return read.map(({ where, rule }) => ({ ...rule, when: [...rule.when, [where]] }));
  });
}

function readForm(spec: unknown, context: RuleContext): readonly RuleTerms[] {
  const value = field(spec, 'rules');
  if (value !== undefined && !Array.isArray(value)) {
    context.problems.error('istio.rules', '/spec/rules', `expected a list, found ${describe(value)}`);
    return [];
  }
  return ((value ?? []) as readonly Json[]).map((rule, index) => {
    const at = pointer('/spec/rules', index);
    if (rule !== null && !isObject(rule)) {
      context.problems.error('istio.rule', at, `expected a rule, found ${describe(rule)}`);
    }
    warnUnknownFields(rule, ['from', 'to', 'when'], at, context.problems);
    const part = <T>(key: string, read: (item: Json, here: string) => T): T[] =>
      (readItems(field(rule, key), pointer(at, key), context.problems) ?? []).map((item, i) =>
        read(item, pointer(at, key, i)),
      );
    return {
      from: part('from', (item, here) => compileSource(field(item, 'source'), pointer(here, 'source'), context)).flat(),
      to: part('to', (item, here) => compileOperation(field(item, 'operation'), pointer(here, 'operation'), context)),
      when: part('when', (item, here) => compileWhen(item, here, context)),
    };
  });
}

/** What becomes of what a policy matches; where it is left to an authorizer nobody can tell. */
interface Deed {
  readonly action: Exclude<AuthorizationAction, 'AUDIT'>;
  readonly isDecided: boolean;
}

function compileTarget(
  deed: Deed,
  target: Selector,
  { sidecar, ztunnel }: RulesByProxy,
  policy: ObjectRef,
  problems: ProblemList,
): readonly PolicyEntry[] {
  const { action } = deed;
  if (target === NONE) return [];
  const atSidecars = (...modes: readonly MeshMode[]): readonly PolicyEntry[] =>
    enforced(deed, and(target, meshMembers('sidecar', ...modes, 'partial')), sidecar.map(atSidecar(action)), policy);
  if (action === 'CUSTOM') {
    problems.note('istio.ztunnel_custom', '/spec/action', 'ztunnel does not know CUSTOM: ambient workloads ignore it');
    return atSidecars();
  }
  if (ztunnel === null) return atSidecars();
  const unread = ztunnel.flat().some((rule) => partsOf(rule).some((part) => part.unread));
  if (!unread && (sidecar === ztunnel || canonicalJson(sidecar) === canonicalJson(ztunnel)))
    return atSidecars('ambient');
  if (unread) {
    const what = action === 'ALLOW' ? 'rules with them never match' : 'they are left out of its rules';
    const message = `ztunnel does not read requests, trust domains and some conditions: for ambient workloads ${what}`;
    problems.note('istio.ztunnel_requests', '/spec/rules', message);
  }
  const terms = ztunnel.map((forms) => forms.flatMap((rule) => atZtunnel(action, rule)));
  return [...atSidecars(), ...enforced(deed, and(target, meshMembers('ambient')), terms, policy)];
}

const partsOf = ({ from, to, when }: RuleTerms): readonly Term[] => [...from, ...to, ...when.flat()];

/** Every combination of a source and an operation, with all conditions. */
function termsOf({ from, to, when }: RuleTerms): readonly Term[] {
  const sources = from.length === 0 ? [ANY_TERM] : from;
  const operations = to.length === 0 ? [ANY_TERM] : to;
  return when.reduce(bothOfEach, bothOfEach(sources, operations));
}

/**
 * What a sidecar makes of a rule. Of what is no HTTP an ALLOW rule that asks for something of requests anywhere lets
 * nothing pass, by none of its parts (IM-61).
 */
const atSidecar =
  (action: AuthorizationAction) =>
  (forms: readonly RuleTerms[]): readonly Term[] => {
    const terms = forms.flatMap(termsOf);
    if (action !== 'ALLOW' || !forms.some((rule) => partsOf(rule).some(asksOfRequests))) return terms;
    return terms.map((term) => (asksOfRequests(term) ? term : { ...term, requests: [...term.requests, ANY_REQUEST] }));
  };

const asksOfRequests = ({ requests }: Term): boolean => requests.some(isOfRequests);

const ANY_REQUEST: Condition = { type: 'l7', protocol: 'http', rules: [{}] };

/** What ztunnel makes of a rule (IM-25, IM-26). */
function atZtunnel(action: 'ALLOW' | 'DENY', rule: RuleTerms): readonly Term[] {
  const strip = (terms: readonly Term[]): Term[] => terms.map(readByZtunnel);
  if (action === 'ALLOW') return partsOf(rule).some(({ unread }) => unread) ? [] : termsOf(rule);
  return termsOf({ from: strip(rule.from), to: strip(rule.to), when: rule.when.map(strip) });
}

/** Of what is no HTTP, nothing that a DENY asks of requests can be told, and counts as met (IM-38). */
function refusesOthers(request: Condition): Condition {
  return isOfRequests(request) ? { ...request, others: true } : request;
}

const AUTHORIZER: Condition = { type: 'unsupported', what: 'an external authorizer decides (action CUSTOM)' };

/** The entries of one policy for one set of workloads; `terms` has one item for each rule. */
function enforced(
  { action, isDecided }: Deed,
  subject: Selector,
  terms: readonly (readonly Term[])[],
  policy: ObjectRef,
): readonly PolicyEntry[] {
  const stage = ({ ALLOW: 'allow', DENY: 'deny', CUSTOM: 'custom' } as const)[action];
  const entries = terms.flatMap((ofRule, index) =>
    ofRule.flatMap((term): PolicyEntry[] => {
      if (term.peer.type === 'none' || term.subject.type === 'none' || term.ports.length === 0) return [];
      const source = ruleRef(policy, pointer('/spec/rules', index), index);
      const entry = meshEntry(stage, {
        source,
        subject: and(subject, term.subject),
        action: action === 'ALLOW' ? 'allow' : 'deny',
      });
      return [
        {
          ...entry,
          peers: term.peer.type === 'all' ? { type: 'any' } : { type: 'of', selectors: [term.peer] },
          ports: tcpPorts(term.ports),
          conditions: [
            ...(action === 'ALLOW' ? term.requests : term.requests.map(refusesOthers)),
            ...(isDecided ? [] : [AUTHORIZER]),
          ],
        },
      ];
    }),
  );
  const around = aroundProxies(policy, subject);
  if (action !== 'ALLOW') return [...around, ...entries];
  // Workloads with an ALLOW policy refuse what none of them allows (IM-8).
  return [...around, ...entries, meshEntry('rest', { source: ruleRef(policy), subject, action: 'deny' })];
}
