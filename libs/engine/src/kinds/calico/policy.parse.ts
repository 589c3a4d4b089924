import { field, list, pointer } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import { atLeast } from '../../cni/version.js';
import type { Direction, ObjectMeta, PolicyFact } from '../../model/index.js';
import { describe } from '../../normalise/problem-list.js';
import type { ProblemList } from '../../normalise/problem-list.js';
import type { RawCalicoPolicy, RawRules, Stage } from './calico.raw.js';
import type { RuleScope } from './entity.parse.js';
import { readFlag, readList, readObject, warnUnknownFields } from './fields.parse.js';
import type { NetsReading } from './fields.parse.js';
import { parseRules } from './rule.parse.js';
import { readPlainSelector, readSelector } from './selector.read.js';

export const STORAGE_GROUP = 'crd.projectcalico.org';
export const DEFAULT_TIER = 'default';
/** What Kubernetes and OpenStack have, as Calico names it. */
const OF_ORCHESTRATOR = /^(knp|ossg)\.default\./;
const HINT = 'AssumeNeededOnEveryNode';

const COMMON_FIELDS = [
  'tier',
  'order',
  'ingress',
  'egress',
  'selector',
  'types',
  'serviceAccountSelector',
  'performanceHints',
  'stagedAction',
];
const LOCAL_FIELDS: ReadonlySet<string> = new Set(COMMON_FIELDS);
const GLOBAL_FIELDS: ReadonlySet<string> = new Set([
  ...COMMON_FIELDS,
  'doNotTrack',
  'preDNAT',
  'applyOnForward',
  'namespaceSelector',
]);

/**
 * Reads a Calico policy as its API server would accept it, with its defaults. An object of the storage group was not
 * defaulted: without `types` it stands for both directions. (CAL-1, CAL-10 to CAL-13)
 */
export function parseCalicoPolicy(fact: PolicyFact, problems: ProblemList, version = ''): RawCalicoPolicy {
  const spec = readObject(field(fact.raw, 'spec'), '/spec', problems);
  const { namespace } = fact.meta;
  const stored = fact.meta.group === STORAGE_GROUP;
  warnUnknownFields(spec, namespace === '' ? GLOBAL_FIELDS : LOCAL_FIELDS, '/spec', problems);
  const isRelaxed = stored ? true : atLeast(version, '3.32');
  const scope: RuleScope = { namespace, nets: netsReading(fact.meta.group, version), takesNumbers: isRelaxed };
  const rules: RawRules = {
    ingress: parseRules(field(spec, 'ingress'), 'ingress', scope, '/spec/ingress', problems),
    egress: parseRules(field(spec, 'egress'), 'egress', scope, '/spec/egress', problems),
  };
  const plain = (key: string): RawCalicoPolicy['selector'] =>
    readPlainSelector(field(spec, key), pointer('/spec', key), problems);
  const stage = namespace === '' ? parseStage(spec, problems) : 'normal';
  const policy: RawCalicoPolicy = {
    tier: parseTier(field(spec, 'tier'), problems),
    order: readOrder(field(spec, 'order'), '/spec/order', problems),
    selector: plain('selector'),
    namespaceSelector: namespace === '' ? parseNamespaces(spec, stored, problems) : null,
    serviceAccountSelector: plain('serviceAccountSelector'),
    types: parseTypes(field(spec, 'types'), rules, stored, problems),
    rules,
    stage,
    applyOnForward: stage !== 'normal' || (namespace === '' && readFlag(spec, 'applyOnForward', '/spec', problems)),
  };
  if (isRelaxed === false) checkName(fact.meta, policy.tier, problems);
  checkStage(policy, spec, problems);
  checkHints(field(spec, 'performanceHints'), problems);
  return policy;
}

/** From 3.32 on there may be no API server of Calico's own, so that its objects are as stored ones. (CAL-72) */
export function netsReading(group: string, version: string): NetsReading {
  if (group === STORAGE_GROUP) return 'stored';
  return atLeast(version, '3.32') === true ? 'either' : 'api';
}

/**
 * Before 3.32 the API takes one name in the default tier, with or without the tier's before it, and asks for the tier's
 * name before others. (CAL-77)
 */
function checkName({ namespace, name }: ObjectMeta, tier: string, problems: ProblemList): void {
  if (namespace !== '' && OF_ORCHESTRATOR.test(name)) return;
  const parts = name.split('.');
  if (parts.length === 2 ? parts[0] === tier : parts.length === 1 && tier === DEFAULT_TIER) return;
  const names = tier === DEFAULT_TIER ? 'a name without a dot' : `the name \`${tier}.NAME\` in this tier`;
  problems.error('calico.name', '/metadata/name', `Calico before 3.32 asks for ${names}, found \`${name}\``);
}

/** The API server refuses `global()` here; Felix reads it where it is stored. (CAL-11) */
function parseNamespaces(
  spec: Json | undefined,
  stored: boolean,
  problems: ProblemList,
): RawCalicoPolicy['namespaceSelector'] {
  const read = stored ? readSelector : readPlainSelector;
  return read(field(spec, 'namespaceSelector'), '/spec/namespaceSelector', problems);
}

/** Hints change no verdict, but the API server and Felix refuse a policy with one that they do not know. */
function checkHints(value: Json | undefined, problems: ProblemList): void {
  for (const [index, hint] of readList(value, '/spec/performanceHints', problems).entries()) {
    if (hint === HINT && index === 0) continue;
    const at = pointer('/spec/performanceHints', index);
    problems.error(
      'calico.hint',
      at,
      hint === HINT ? 'a hint may be given once only' : `expected \`${HINT}\`, found ${describe(hint)}`,
    );
  }
}

function parseTier(value: Json | undefined, problems: ProblemList): string {
  if (value === undefined || value === '') return DEFAULT_TIER;
  if (typeof value === 'string') return value;
  problems.error('calico.tier', '/spec/tier', `expected a tier's name, found ${describe(value)}`);
  return DEFAULT_TIER;
}

/** Any number, fractions too; null, which is +infinity, when absent. */
export function readOrder(value: Json | undefined, at: string, problems: ProblemList): number | null {
  if (value === undefined) return null;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  problems.error('calico.order', at, `expected a number, found ${describe(value)}`);
  return null;
}

function parseTypes(
  value: Json | undefined,
  rules: RawRules,
  stored: boolean,
  problems: ProblemList,
): readonly Direction[] {
  const given = readList(value, '/spec/types', problems);
  if (given.length === 0) return stored ? ['ingress', 'egress'] : defaultTypes(rules);
  const out = new Set<Direction>();
  for (const [index, entry] of given.entries()) {
    const at = pointer('/spec/types', index);
    const direction = entry === 'Ingress' ? 'ingress' : entry === 'Egress' ? 'egress' : null;
    if (direction === null) {
      problems.error('calico.type', at, `expected \`Ingress\` or \`Egress\`, found ${describe(entry)}`);
    } else if (out.has(direction)) problems.error('calico.type', at, 'a type may be given once only');
    else out.add(direction);
  }
  return [...out];
}

/** The directions that have rules; ingress when none has. */
function defaultTypes(rules: RawRules): readonly Direction[] {
  if (rules.egress.length === 0) return ['ingress'];
  return rules.ingress.length === 0 ? ['egress'] : ['ingress', 'egress'];
}

function parseStage(spec: unknown, problems: ProblemList): Stage {
  const untracked = readFlag(spec, 'doNotTrack', '/spec', problems);
  const preDnat = readFlag(spec, 'preDNAT', '/spec', problems);
  if (untracked && preDnat) {
    problems.error('calico.stage', '/spec/preDNAT', '`preDNAT` and `doNotTrack` cannot both be true');
  }
  if (untracked) return 'untracked';
  return preDnat ? 'pre-dnat' : 'normal';
}

/** What the API server asks of policies before connection tracking and before address translation. (CAL-62, CAL-63) */
function checkStage(policy: RawCalicoPolicy, spec: unknown, problems: ProblemList): void {
  if (policy.stage === 'normal') return;
  const flag = policy.stage === 'untracked' ? 'doNotTrack' : 'preDNAT';
  if (field(spec, 'applyOnForward') !== true) {
    problems.error('calico.stage', '/spec/applyOnForward', `\`${flag}\` needs \`applyOnForward\` to be true`);
  }
  if (policy.stage === 'untracked' && policy.types.length < 2) {
    const message = 'connections are not tracked, so replies need rules of the other direction';
    problems.suspect('calico.untracked_replies', '/spec/types', message);
  }
  const egress = policy.rules.egress.length > 0 || list(field(spec, 'types')).includes('Egress');
  if (policy.stage === 'pre-dnat' && egress) {
    problems.error('calico.stage', '/spec/egress', '`preDNAT` policies have ingress rules only');
  }
}
