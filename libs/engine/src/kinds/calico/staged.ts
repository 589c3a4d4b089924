import { field, isObject, text } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import type { CompiledPolicy, ObjectMeta, PolicyFact } from '../../model/index.js';
import { describe, ProblemList } from '../../normalise/problem-list.js';
import type { CompileEnv, StagedChange } from '../frontend.js';
import { parseNetworkPolicy } from '../networkpolicy/index.js';
import { calicoVersion } from './calico-version.js';
import { parseCalicoPolicy } from './policy.parse.js';

const ENFORCED_KINDS: Readonly<Record<string, string>> = {
  StagedNetworkPolicy: 'NetworkPolicy',
  StagedGlobalNetworkPolicy: 'GlobalNetworkPolicy',
  StagedKubernetesNetworkPolicy: 'NetworkPolicy',
};
const KUBERNETES = 'StagedKubernetesNetworkPolicy';

/** The change that a staged policy stands for; null when the object is of another kind. (CAL-70) */
export function stagedChange(fact: PolicyFact): StagedChange | null {
  const kind = ENFORCED_KINDS[fact.meta.kind];
  if (kind === undefined) return null;
  const target = targetOf(fact.meta, kind);
  const spec = field(fact.raw, 'spec');
  switch (text(field(spec, 'stagedAction')) || 'Set') {
    case 'Set':
      return { type: 'set', policy: { ...fact, meta: target, raw: { ...fact.raw, spec: withoutAction(spec) } } };
    case 'Delete': {
      const { group, namespace, name } = target;
      return { type: 'delete', target: { group, kind, namespace, name } };
    }
    default:
      return { type: 'nothing' };
  }
}

function targetOf(meta: ObjectMeta, kind: string): ObjectMeta {
  if (meta.kind === KUBERNETES) return { ...meta, kind, group: 'networking.k8s.io', version: 'v1' };
  return { ...meta, kind };
}

function withoutAction(spec: Json | undefined): Json {
  if (!isObject(spec)) return {};
  return Object.fromEntries(Object.entries(spec).filter(([key]) => key !== 'stagedAction'));
}

/** Staged policies are read, so that their mistakes are told, and never enforced. (CAL-71) */
export function compileStagedPolicy(fact: PolicyFact, env: Pick<CompileEnv, 'semantics'>): CompiledPolicy {
  const { group, kind, namespace, name } = fact.meta;
  const problems = new ProblemList(fact.meta);
  const change = stagedChange(fact);
  if (change?.type === 'set') {
    if (kind === KUBERNETES) parseNetworkPolicy(change.policy, problems);
    else parseCalicoPolicy(change.policy, problems, calicoVersion(env));
  }
  const action = field(field(fact.raw, 'spec'), 'stagedAction');
  if (action !== undefined && !['Set', 'Delete', 'Learn', 'Ignore'].includes(text(action))) {
    const found = describe(action);
    problems.error(
      'calico.staged_action',
      '/spec/stagedAction',
      `expected Set, Delete, Learn or Ignore, found ${found}`,
    );
  }
  return {
    policy: { group, kind, namespace, name },
    entries: [],
    diagnostics: problems.diagnostics,
    refused: problems.failed,
  };
}
