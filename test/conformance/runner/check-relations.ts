import { firstExcess, type CompiledSnapshot, type Witness } from '#engine';

import type { ExpectedCase, ExpectedRelation, RelationSide } from './case.js';

/** Loads the folders and files of one side. */
type Load = (parts: readonly string[]) => Promise<CompiledSnapshot>;

/** Checks "equivalent" and "contained in" between configurations. */
export async function checkRelations(expected: ExpectedCase, load: Load): Promise<string[]> {
  const problems: string[] = [];
  for (const relation of expected.relations ?? []) {
    const problem = await checkRelation(relation, load);
    if (problem !== null) problems.push(problem);
  }
  return problems;
}

const sideOf = (load: Load, { config, topology }: RelationSide): Promise<CompiledSnapshot> =>
  load([...topology, `configs/${config}`]);

async function checkRelation(relation: ExpectedRelation, load: Load): Promise<string | null> {
  const [a, b] = await Promise.all([sideOf(load, relation.a), sideOf(load, relation.b)]);
  const excess = firstExcess(a, b, 'intended');
  const back = relation.relation === 'equivalent' ? firstExcess(b, a, 'intended') : null;
  const holds = excess === null && back === null;
  if (holds === relation.holds) return null;
  const what = `${relation.query}: ${relation.a.config} ${relation.relation} ${relation.b.config}`;
  return `${what}: expected ${String(relation.holds)}, got ${String(holds)}${describe(excess ?? back)}`;
}

function describe(witness: Witness | null): string {
  return witness === null ? '' : ` (${witness.source} → ${witness.destination}: ${witness.extra})`;
}
