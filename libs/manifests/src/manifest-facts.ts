import type { ClusterProblem } from '#contracts';
import { type Diagnostic, type Fact, type ObjectRef, kindId, normaliseObject, objectKey, objectLabel } from '#engine';

import { objectName, rawKindId } from './expand-document.js';
import type { ManifestObject, ManifestSet } from './manifest-set.js';
import { podOfVirtualMachine } from './virtual-machine.js';

/** The facts of a manifest set, with what could not be read and what is not kept. */
export interface ManifestFacts {
  /** What is declared, and the namespaces that are only named. */
  readonly facts: readonly Fact[];
  readonly declared: readonly Fact[];
  /** Those of the set, then those of its objects. */
  readonly problems: readonly ClusterProblem[];
  /** How many objects of kinds that say nothing about the network were left out, by `kindId`. */
  readonly skipped: Readonly<Record<string, number>>;
}

/**
 * Normalises every object of a set. Where an object is declared twice, the last one counts and a problem names both
 * places. Namespaces that are named but not declared are added.
 */
export function manifestFacts(set: ManifestSet): ManifestFacts {
  const facts = new Map<string, { fact: Fact; origin: ManifestObject }>();
  const problems = [...set.problems];
  const skipped: Record<string, number> = {};
  for (const origin of set.objects) {
    const { fact, diagnostics } = normaliseObject(podOfVirtualMachine(origin.raw) ?? origin.raw);
    const errors = diagnostics.filter((diagnostic) => diagnostic.class === 'error');
    for (const error of distinct(errors)) problems.push(asProblem(error, origin));
    if (fact === null) {
      if (errors.length === 0) count(skipped, origin.raw);
      continue;
    }
    const key = objectKey(fact.meta);
    const earlier = facts.get(key);
    if (earlier) problems.push(duplicate(fact.meta, earlier.origin, origin));
    facts.set(key, { fact, origin });
  }
  const found = withoutLaunched([...facts.values()].map(({ fact }) => fact));
  return { facts: [...found, ...undeclaredNamespaces(found)], declared: found, problems, skipped };
}

/** Where a cluster was saved, a machine that runs has its real pod beside it. */
function withoutLaunched(facts: readonly Fact[]): Fact[] {
  const ownedBy = (kind: string) => (fact: Fact) => fact.type === 'pod' && fact.meta.owner?.kind === kind;
  const machine = ({ meta }: Fact): string => `${meta.namespace}/${meta.owner?.name}`;
  const launched = new Set(facts.filter(ownedBy('VirtualMachineInstance')).map(machine));
  return facts.filter((fact) => !ownedBy('VirtualMachine')(fact) || !launched.has(machine(fact)));
}

/** One complaint for a field, however many readers looked at it. */
function distinct(errors: readonly Diagnostic[]): Diagnostic[] {
  return [...new Map(errors.map((error) => [`${error.code} ${error.pointer}`, error])).values()];
}

function undeclaredNamespaces(facts: readonly Fact[]): Fact[] {
  const declared = new Set(facts.filter((fact) => fact.type === 'namespace').map((fact) => fact.meta.name));
  const named = new Set(facts.map((fact) => fact.meta.namespace).filter((name) => name !== '' && !declared.has(name)));
  return [...named].sort().flatMap((name) => {
    const { fact } = normaliseObject({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    return fact === null ? [] : [fact];
  });
}

function asProblem(diagnostic: Diagnostic, origin: ManifestObject): ClusterProblem {
  const pointer = diagnostic.pointer;
  return {
    code: diagnostic.code,
    message: diagnostic.message,
    file: origin.file,
    document: origin.document,
    line: origin.lineOf(pointer),
    object: objectName(origin.raw),
    ...(pointer === '' ? {} : { pointer }),
  };
}

function duplicate(ref: ObjectRef, earlier: ManifestObject, later: ManifestObject): ClusterProblem {
  return {
    code: 'manifest.duplicate',
    message: `declared before in ${place(earlier)}; this one counts`,
    file: later.file,
    document: later.document,
    line: later.line,
    object: `${kindId(ref)} ${objectLabel(ref)}`,
  };
}

function place(origin: ManifestObject): string {
  return `\`${origin.file}\` document ${origin.document}${origin.pointer === '' ? '' : ` at \`${origin.pointer}\``}`;
}

function count(skipped: Record<string, number>, raw: unknown): void {
  const id = rawKindId(raw);
  skipped[id] = (skipped[id] ?? 0) + 1;
}
