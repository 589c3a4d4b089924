import { field, isObject, list, pointer, text } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import type { Direction, PolicyFact } from '../../model/index.js';
import { describe } from '../../normalise/problem-list.js';
import type { ProblemList } from '../../normalise/problem-list.js';
import { NAMESPACE_KEY } from '../shared/index.js';
import type { CiliumOptions } from './cilium.options.js';
import type { LabelTest, LabelTests, RawDirection, RawRule, RawRuleSet } from './cilium.raw.js';
import { parseLabelTests } from './label-tests.parse.js';
import { parseRule } from './rule.parse.js';
import { warnUnknownFields } from './unknown-fields.js';

/** What the parsers of a policy share. */
export interface ParseContext {
  readonly options: CiliumOptions;
  readonly clusterWide: boolean;
  /** '' for the cluster-wide kind. */
  readonly namespace: string;
  readonly sctp: boolean;
  readonly problems: ProblemList;
}

const SPEC_FIELDS = [
  'endpointSelector',
  'nodeSelector',
  'ingress',
  'ingressDeny',
  'egress',
  'egressDeny',
  'enableDefaultDeny',
  'labels',
  'description',
  'log',
];

/**
 * Reads the object as the CRD and the agent would accept it (cilium/cilium pkg/policy/api/rule_validation.go). One bad
 * part makes the agent refuse the whole object.
 */
export function parseCiliumPolicy(fact: PolicyFact, context: ParseContext): RawRuleSet[] {
  const { problems } = context;
  const spec = field(fact.raw, 'spec');
  const specs = field(fact.raw, 'specs');
  if (spec === undefined && specs === undefined) {
    problems.error('cilium.spec', '/spec', 'a policy needs `spec` or `specs`');
  }
  if (specs !== undefined && !Array.isArray(specs)) {
    problems.error('cilium.specs', '/specs', `expected a list of rule sets, found ${describe(specs)}`);
  }
  reportStatus(fact, problems);
  const parts: [Json, string][] = spec === undefined ? [] : [[spec, '/spec']];
  for (const [index, entry] of list(specs).entries()) parts.push([entry, pointer('/specs', index)]);
  return parts.flatMap(([value, at]) => parseRuleSet(value, at, context));
}

/** The agent says in the object's status that it could not read it. */
function reportStatus(fact: PolicyFact, problems: ProblemList): void {
  for (const [index, condition] of list(field(field(fact.raw, 'status'), 'conditions')).entries()) {
    if (field(condition, 'type') !== 'Valid' || field(condition, 'status') !== 'False') continue;
    const why = text(field(condition, 'message'));
    const at = pointer('/status/conditions', index);
    problems.error('cilium.status_invalid', at, `the agent refused it${why === '' ? '' : `: \`${why}\``}`);
  }
}

function parseRuleSet(value: Json, at: string, context: ParseContext): RawRuleSet[] {
  const { problems } = context;
  if (!isObject(value)) {
    problems.error('cilium.spec', at, `expected an object, found ${describe(value)}`);
    return [];
  }
  warnUnknownFields(value, SPEC_FIELDS, at, problems);
  const subject = parseSubject(value, at, context);
  const wishes = field(value, 'enableDefaultDeny');
  if (wishes !== undefined && !isObject(wishes)) {
    const here = pointer(at, 'enableDefaultDeny');
    problems.error('cilium.default_deny', here, `expected an object, found ${describe(wishes)}`);
  }
  const direction = (name: Direction): RawDirection => parseDirection(value, name, wishes, at, context);
  const ingress = direction('ingress');
  const egress = direction('egress');
  const lists = ['ingress', 'ingressDeny', 'egress', 'egressDeny'];
  if (lists.every((name) => list(field(value, name)).length === 0)) {
    problems.error(
      'cilium.no_rules',
      at,
      'a rule set needs a rule: in `ingress`, `ingressDeny`, `egress` or `egressDeny`',
    );
  }
  return [{ subject, ingress, egress }];
}

function parseSubject(value: Json, at: string, context: ParseContext): RawRuleSet['subject'] {
  const { problems, clusterWide, options } = context;
  const endpoints = field(value, 'endpointSelector');
  const nodes = field(value, 'nodeSelector');
  if (endpoints !== undefined && nodes !== undefined) {
    problems.error('cilium.two_subjects', at, '`endpointSelector` and `nodeSelector` cannot stand together');
  }
  if (nodes === undefined) {
    const here = pointer(at, 'endpointSelector');
    if (endpoints === undefined) {
      const expected = clusterWide ? '`endpointSelector` or `nodeSelector`' : '`endpointSelector`';
      problems.error('cilium.no_subject', here, `a rule set needs ${expected}; \`{}\` selects every endpoint`);
      return { type: 'endpoints', tests: [] };
    }
    return { type: 'endpoints', tests: parseEndpoints(endpoints, here, context) };
  }
  const here = pointer(at, 'nodeSelector');
  if (!clusterWide) {
    problems.error('cilium.node_subject', here, 'only a CiliumClusterwideNetworkPolicy may have a `nodeSelector`');
  } else if (!options.hostFirewall) {
    problems.suspect('cilium.host_firewall_off', here, 'has no effect: enable-host-firewall is not on');
  }
  return { type: 'nodes', tests: parseLabelTests(nodes, here, problems) };
}

/** The key that the agent writes the policy's own namespace over. */
const OWN_NAMESPACE = `k8s:${NAMESPACE_KEY}`;

/** Whom a namespaced policy selects is asked for its own namespace, in the place of one in `matchLabels`. (CNP-4) */
function parseEndpoints(value: Json, at: string, { problems, namespace }: ParseContext): LabelTests {
  const tests = parseLabelTests(value, at, problems);
  if (namespace === '') return tests;
  const isNamespace = ({ source, key }: LabelTest): boolean =>
    key === NAMESPACE_KEY && (source === 'k8s' || source === 'any');
  // Tests of `matchLabels` stand before those of expressions.
  const first = tests.findIndex((test) => isNamespace(test) && test.source === 'k8s');
  const isOver = field(field(value, 'matchLabels'), OWN_NAMESPACE) !== undefined;
  const kept = isOver ? tests.filter((_, index) => index !== first) : tests;
  if (kept.some((test) => isNamespace(test) && test.op === 'in' && !test.values.includes(namespace))) {
    const why = 'asks for another namespace than the policy stands in, so it selects nobody';
    problems.suspect('cilium.other_namespace', at, why);
  }
  return kept;
}

function parseDirection(
  value: Json,
  direction: Direction,
  wishes: Json | undefined,
  at: string,
  context: ParseContext,
): RawDirection {
  const host = field(value, 'nodeSelector') !== undefined;
  const allow = parseRules(value, direction, 'allow', host, at, context);
  const deny = parseRules(value, direction, 'deny', host, at, context);
  const wish = field(wishes, direction);
  if (wish !== undefined && typeof wish !== 'boolean') {
    const here = pointer(at, 'enableDefaultDeny', direction);
    context.problems.error('cilium.default_deny', here, `expected true or false, found ${describe(wish)}`);
  }
  const hasRules = allow.length > 0 || deny.length > 0;
  const wanted = wish !== false || !context.options.nonDefaultDeny;
  return { allow, deny, defaultDeny: hasRules && wanted };
}

function parseRules(
  value: Json,
  direction: Direction,
  action: 'allow' | 'deny',
  host: boolean,
  at: string,
  context: ParseContext,
): RawRule[] {
  const name = action === 'allow' ? direction : `${direction}Deny`;
  const rules = field(value, name);
  const here = pointer(at, name);
  if (rules !== undefined && !Array.isArray(rules)) {
    context.problems.error('cilium.rules', here, `expected a list of rules, found ${describe(rules)}`);
  }
  return list(rules).map((rule, index) =>
    parseRule(rule, { ...context, direction, action, host, at: pointer(here, index), index }),
  );
}
