import { carriedByMesh } from '../kinds/istio/index.js';
import { asksForMore, ciliumPolicy, compileCiliumPolicy, mergeRules, namesServers } from '../kinds/cilium/index.js';
import type { MergedRules } from '../kinds/cilium/index.js';
import type { CompileEnv } from '../kinds/frontend.js';
import type { CompiledPolicy, Fact, ObjectRef, PolicyFact } from '../model/index.js';
import { policyKindOf } from '../normalise/normalise-object.js';
import { compareObjects } from './facts-index.js';
import type { FactsIndex } from './facts-index.js';
import { withMachines } from './mesh-machines.js';
import type { FactEdit } from './update-index.js';

/** Whether an object is a policy of a kind whose rules the agent brings together. */
function isMerged(ref: ObjectRef): boolean {
  const kind = policyKindOf(ref);
  return kind !== null && ciliumPolicy.kinds.includes(kind);
}

const isDemanding = (fact: PolicyFact): boolean => isMerged(fact.meta) && asksForMore(fact);

/** The policies that may bear on others, in order of object. */
export function demandingOf({ policies }: FactsIndex): readonly PolicyFact[] {
  return policies.filter(isDemanding);
}

/** What `demandingOf` gives after some objects changed, at the cost of the changes where it stays as it is. */
export function demandingAfter(known: readonly PolicyFact[], changed: readonly FactEdit[]): readonly PolicyFact[] {
  const gone = new Set(demandingAmong(changed.map(({ before }) => before)));
  const come = demandingAmong(changed.map(({ after }) => after));
  if (gone.size === 0 && come.length === 0) return known;
  return [...known.filter((fact) => !gone.has(fact)), ...come].sort((a, b) => compareObjects(a.meta, b.meta));
}

/** Those of some objects that may bear on others. */
export function demandingAmong(facts: readonly (Fact | null)[]): readonly PolicyFact[] {
  return facts.flatMap((fact) => (fact?.type === 'policy' && isDemanding(fact) ? [fact] : []));
}

/** Whether changed policies may bear on others, or others on them: on such as ask for nothing only those that name servers. */
export function bearOnOthers(demanding: readonly PolicyFact[], changed: readonly FactEdit[]): boolean {
  const asks = demandingAmong(changed.flatMap(({ before, after }) => [before, after])).length > 0;
  return asks || (changed.some(({ ref }) => isMerged(ref)) && demanding.some(namesServers));
}

/** What rules of several policies are to each other, of those that are read; null where none bears on another. */
export function mergedRules(
  demanding: readonly PolicyFact[],
  all: () => readonly PolicyFact[],
  isRead: (fact: PolicyFact) => boolean,
  env: CompileEnv,
): MergedRules | null {
  return mergeRules(demanding.filter(isRead), () => all().filter((fact) => isMerged(fact.meta) && isRead(fact)), env);
}

/** A policy that is compiled differently for the sake of others; null for one that is not. */
export function besideOthers(fact: PolicyFact, merged: MergedRules | null, env: CompileEnv): CompiledPolicy | null {
  const lifted = merged?.lifted.get(fact);
  return lifted === undefined ? null : withMachines(carriedByMesh(compileCiliumPolicy(fact, env, lifted), env), env);
}
