import { field, list, pointer, pointerToMissing, text } from '../../base/index.js';
import type { AuxFact, Diagnostic } from '../../model/index.js';
import { describe, ProblemList } from '../../normalise/problem-list.js';
import type { CompileEnv } from '../frontend.js';
import { readNets } from './fields.parse.js';
import { HOST_ENDPOINT } from './host-endpoint.js';
import { readOrder } from './policy.parse.js';
import { PROFILE, readProfile } from './profile.js';
import { TIER } from './tiers.js';

type Check = (fact: AuxFact, problems: ProblemList) => void;

const CHECKS: readonly (readonly [string, Check])[] = [
  [TIER, checkTier],
  ['NetworkSet.projectcalico.org', checkNets],
  ['GlobalNetworkSet.projectcalico.org', checkNets],
  [HOST_ENDPOINT, checkHostEndpoint],
  [PROFILE, (fact, problems) => problems.diagnostics.push(...readProfile(fact).problems.diagnostics)],
];

/** What is wrong with tiers, sets, host endpoints and profiles themselves. */
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
  const action = field(spec, 'defaultAction');
  if (action === undefined || action === 'Deny' || action === 'Pass') return;
  problems.error('calico.default_action', '/spec/defaultAction', `expected Deny or Pass, found ${describe(action)}`);
}

function checkNets(fact: AuxFact, problems: ProblemList): void {
  readNets(field(field(fact.raw, 'spec'), 'nets'), '/spec/nets', problems);
}

function checkHostEndpoint(fact: AuxFact, problems: ProblemList): void {
  const spec = field(fact.raw, 'spec');
  if (text(field(spec, 'node')) === '') {
    problems.error('calico.host_node', pointerToMissing(fact.raw, 'spec', 'node'), "expected the host's name");
  }
  const addresses = list(field(spec, 'expectedIPs'));
  if (text(field(spec, 'interfaceName')) === '' && addresses.length === 0) {
    problems.error('calico.host_interface', '/spec', 'a host endpoint needs `interfaceName` or `expectedIPs`');
  }
  readNets(addresses, pointer('/spec', 'expectedIPs'), problems);
}
