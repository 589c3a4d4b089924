import { field, pointer } from '../../base/index.js';
import type { AuxFact, Diagnostic } from '../../model/index.js';
import { describe, ProblemList } from '../../normalise/problem-list.js';
import type { CompileEnv } from '../frontend.js';
import { DEFAULT_TIER_ORDER } from '../shared/index.js';
import { FELIX_CONFIGURATION, nodeSelectorOf } from './felix-configuration.js';
import { readNets } from './fields.parse.js';
import { checkHostEndpoint, HOST_ENDPOINT } from './host-endpoint.parse.js';
import { DEFAULT_TIER, readOrder } from './policy.parse.js';
import { PROFILE, readProfile } from './profile.js';
import { NAMESPACE_LABEL } from './selector.scope.js';
import { TIER } from './tiers.js';

/** Where the tiers that Calico makes itself stand, and how they end. (CAL-6) */
const FIXED: ReadonlyMap<string, { readonly order: number; readonly end: 'Deny' | 'Pass' }> = new Map([
  [DEFAULT_TIER, { order: DEFAULT_TIER_ORDER, end: 'Deny' }],
  ['kube-admin', { order: 1000, end: 'Pass' }],
  ['kube-baseline', { order: 10_000_000, end: 'Pass' }],
]);

type Check = (fact: AuxFact, problems: ProblemList) => void;

const CHECKS: readonly (readonly [string, Check])[] = [
  [TIER, checkTier],
  ['NetworkSet.projectcalico.org', checkNets],
  ['GlobalNetworkSet.projectcalico.org', checkNets],
  [HOST_ENDPOINT, checkHostEndpoint],
  [FELIX_CONFIGURATION, nodeSelectorOf],
  [PROFILE, (fact, problems) => problems.diagnostics.push(...readProfile(fact).problems.diagnostics)],
];

/** What is wrong with tiers, sets, host endpoints, settings and profiles themselves. */
export function calicoAuxProblems(env: CompileEnv): readonly Diagnostic[] {
  return CHECKS.flatMap(([kind, check]) =>
    env.aux(kind).flatMap((fact) => {
      const problems = new ProblemList(fact.meta);
      check(fact, problems);
      return problems.diagnostics;
    }),
  );
}

/** Of some tiers the place and the end are fixed: the API server refuses others. */
function checkTier({ meta: { name }, raw }: AuxFact, problems: ProblemList): void {
  const spec = field(raw, 'spec');
  const fixed = FIXED.get(name);
  const order = field(spec, 'order');
  readOrder(order, '/spec/order', problems);
  if (fixed !== undefined && order !== undefined && order !== fixed.order) {
    problems.error('calico.default_tier', '/spec/order', `the tier \`${name}\` stands at ${fixed.order}`);
  }
  const end = field(spec, 'defaultAction');
  if (end === undefined) return;
  if (end !== 'Deny' && end !== 'Pass') {
    problems.error('calico.default_action', '/spec/defaultAction', `expected Deny or Pass, found ${describe(end)}`);
  } else if (fixed !== undefined && end !== fixed.end) {
    problems.error('calico.default_tier', '/spec/defaultAction', `the tier \`${name}\` ends in ${fixed.end}`);
  }
}

function checkNets(fact: AuxFact, problems: ProblemList): void {
  if (fact.meta.labels[NAMESPACE_LABEL] !== undefined) {
    problems.error('calico.set_label', pointer('/metadata/labels', NAMESPACE_LABEL), 'Calico itself sets this label');
  }
  readNets(field(field(fact.raw, 'spec'), 'nets'), '/spec/nets', problems);
}
