import { kindId, type CompiledSnapshot, type Fact } from '#engine';

const ordered = new WeakMap<CompiledSnapshot, readonly Fact[]>();

/** Every object of a snapshot by kind, namespace and name. Put in order once. */
export function factsOfOrder(compiled: CompiledSnapshot): readonly Fact[] {
  const known = ordered.get(compiled) ?? sort(compiled);
  ordered.set(compiled, known);
  return known;
}

function sort({ index }: CompiledSnapshot): readonly Fact[] {
  const facts: Fact[] = [
    ...index.namespaces.values(),
    ...index.pods,
    ...index.workloads,
    ...index.nodes,
    ...index.services.values(),
    ...index.serviceAccounts.values(),
    ...index.policies,
    ...index.rejected,
  ];
  for (const slices of index.slices.values()) facts.push(...slices);
  for (const aux of index.aux.values()) facts.push(...aux);
  return facts
    .map((fact) => ({ fact, kind: kindId(fact.meta) }))
    .sort(
      (a, b) =>
        compare(a.kind, b.kind) ||
        compare(a.fact.meta.namespace, b.fact.meta.namespace) ||
        compare(a.fact.meta.name, b.fact.meta.name),
    )
    .map(({ fact }) => fact);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
