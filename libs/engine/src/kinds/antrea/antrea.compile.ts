import { pointer } from '../../base/index.js';
import { kindId } from '../../model/index.js';
import type { CompiledPolicy, ObjectRef, PolicyEntry, PolicyFact } from '../../model/index.js';
import { ProblemList } from '../../normalise/problem-list.js';
import type { CompileEnv } from '../frontend.js';
import { unplacedPolicy } from '../unread-policy.js';
import type { RawAntreaPolicy } from './antrea.raw.js';
import { isOn } from './feature-gates.js';
import { readGroups } from './groups.js';
import { parseAntreaPolicy } from './policy.parse.js';
import { compileRule } from './rule.compile.js';
import { compileSubjects } from './subjects.compile.js';
import { readTiers } from './tiers.js';
import type { Scope } from './workloads.compile.js';

export const CLUSTER_NETWORK_POLICY = 'ClusterNetworkPolicy.crd.antrea.io';
const NETWORK_POLICY = 'NetworkPolicy.crd.antrea.io';

/** Reads and compiles ClusterNetworkPolicy or NetworkPolicy of Antrea (antrea.semantics.md). */
export function compileAntreaPolicy(fact: PolicyFact, env: CompileEnv): CompiledPolicy {
  const cluster = kindId(fact.meta) === CLUSTER_NETWORK_POLICY;
  const problems = new ProblemList(fact.meta);
  const raw = parseAntreaPolicy(fact, cluster, problems);
  const { group, kind, namespace, name } = fact.meta;
  const policy = { group, kind, namespace, name };
  const tiers = readTiers(env);
  if (!problems.failed && !tiers.priorities.has(raw.tier)) {
    if (tiers.listed) {
      problems.error('antrea.tier_missing', '/spec/tier', `tier \`${raw.tier}\` does not exist or is refused`);
    } else {
      const message = `the place of tier \`${raw.tier}\` is not in the inventory`;
      problems.unsupported('antrea.tiers_unknown', '/spec/tier', message);
    }
  }
  // What cannot be read is compiled all the same, for the problems that only show there.
  const entries = compileRules(raw, policy, { env, namespace: cluster ? '' : namespace }, problems);
  const { diagnostics, failed: refused } = problems;
  if (refused) return { policy, entries: [], diagnostics, refused };
  const compiled = { policy, entries, diagnostics, refused };
  // Antrea always has Tier objects: without any they were not listed, and the policy's place is not known (AT-4).
  return tiers.priorities.has(raw.tier)
    ? compiled
    : unplacedPolicy(compiled, cluster ? CLUSTER_NETWORK_POLICY : NETWORK_POLICY);
}

function compileRules(raw: RawAntreaPolicy, policy: ObjectRef, scope: Scope, problems: ProblemList): PolicyEntry[] {
  const shared = compileSubjects(raw.appliedTo, scope, '/spec/appliedTo', problems);
  return (['ingress', 'egress'] as const).flatMap((direction) =>
    raw.rules[direction].flatMap((rule, index) => {
      const at = pointer('/spec', direction, index);
      const own = pointer(at, 'appliedTo');
      const subjects = rule.appliedTo.length === 0 ? shared : compileSubjects(rule.appliedTo, scope, own, problems);
      for (const peer of rule.peers ?? []) {
        if (peer.type === 'group' && readGroups(scope.env).find(scope.namespace, peer.name) === null) {
          const message = `group \`${peer.name}\` does not exist or is refused: it matches nothing`;
          problems.suspect('antrea.group_missing', at, message);
        }
      }
      if (rule.requests.length > 0 && !isOn('L7NetworkPolicy', scope.env.semantics)) {
        const message = 'feature gate L7NetworkPolicy is off, so what becomes of the rule cannot be told';
        problems.unsupported('antrea.l7_gate', pointer(at, 'l7Protocols'), message);
      }
      const source = { policy, pointer: at, index, name: rule.name };
      return compileRule(rule, { source, direction, tier: raw.tier, priority: raw.priority, subjects }, scope);
    }),
  );
}
