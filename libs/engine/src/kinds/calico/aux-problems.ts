import { field, pointer } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import type { AuxFact, Diagnostic } from '../../model/index.js';
import { describe, ProblemList } from '../../normalise/problem-list.js';
import type { CompileEnv } from '../frontend.js';
import { FELIX_CONFIGURATION, nodeSelectorOf } from './felix-configuration.js';
import { readNets } from './fields.parse.js';
import { checkHostEndpoint, HOST_ENDPOINT } from './host-endpoint.parse.js';
import { DEFAULT_TIER, readOrder } from './policy.parse.js';
import { PROFILE, readProfile } from './profile.js';
import { NAMESPACE_LABEL } from './selector.scope.js';
import { TIER } from './tiers.js';

const DEFAULT_ORDER = 1_000_000;

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

function checkTier(fact: AuxFact, problems: ProblemList): void {
  const spec = field(fact.raw, 'spec');
  readOrder(field(spec, 'order'), '/spec/order', problems);
  if (fact.meta.name === DEFAULT_TIER) checkDefaultTier(spec, problems);
  const action = field(spec, 'defaultAction');
  if (action === undefined || action === 'Deny' || action === 'Pass') return;
  problems.error('calico.default_action', '/spec/defaultAction', `expected Deny or Pass, found ${describe(action)}`);
}

/** Its place and its end are fixed: the API server refuses others. */
function checkDefaultTier(spec: Json | undefined, problems: ProblemList): void {
  const order = field(spec, 'order');
  if (order !== undefined && order !== DEFAULT_ORDER) {
    problems.error('calico.default_tier', '/spec/order', `the tier \`default\` stands at ${DEFAULT_ORDER}`);
  }
  if (field(spec, 'defaultAction') !== 'Pass') return;
  problems.error('calico.default_tier', '/spec/defaultAction', 'the tier `default` ends in Deny');
}

function checkNets(fact: AuxFact, problems: ProblemList): void {
  if (fact.meta.labels[NAMESPACE_LABEL] !== undefined) {
    problems.error('calico.set_label', pointer('/metadata/labels', NAMESPACE_LABEL), 'Calico itself sets this label');
  }
  readNets(field(field(fact.raw, 'spec'), 'nets'), '/spec/nets', problems);
}
