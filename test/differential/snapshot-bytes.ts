import { rowTable } from '#engine';
import type { CompiledSnapshot, Endpoint, PolicySet, ReadingName } from '#engine';

/** Everything that a snapshot says, as text. */
export function bytesOf(snapshot: CompiledSnapshot): string {
  const readings = (['intended', 'enforced'] as const).map((name) => {
    const { engines, sets, enforcement, deviations } = snapshot[name];
    return {
      engines: engines.map(({ variants, enforcement: own }) => [variants.map((set) => sets.indexOf(set)), own]),
      sets: sets.map((set) => setText(set, snapshot.endpoints)),
      enforcement,
      deviations,
      rows: rowsText(snapshot, name),
    };
  });
  const { index, endpoints, cni, completeness, diagnostics, directory } = snapshot;
  return JSON.stringify(
    { index, endpoints, cni, completeness, diagnostics, names: directory.names(), readings },
    plain,
  );
}

function setText(set: PolicySet, endpoints: readonly Endpoint[]): unknown {
  const { semantics, leftOut, rules } = set;
  const policies = set.policies.map(({ policy, entries, diagnostics, refused }) => ({
    policy,
    entries,
    diagnostics,
    refused,
  }));
  const gates = set.gates.map(({ id, tiers }) => ({
    id,
    tiers: tiers.map(({ tier, groups }) => ({
      tier,
      groups: (['ingress', 'egress'] as const).map((direction) => [
        groups[direction].isEmpty,
        ...endpoints.map((endpoint) =>
          groups[direction].groupsFor(endpoint).map((group) => group.map(({ entry }) => entry)),
        ),
      ]),
    })),
  }));
  return { semantics, leftOut, rules, policies, gates };
}

function rowsText(snapshot: CompiledSnapshot, reading: ReadingName): unknown {
  const table = rowTable(snapshot, reading);
  const classes = Array.from({ length: table.count }, (_, id) => table.rowsOf(id).map((row) => row.join()));
  return { classOf: table.classOf.join(), ports: table.ports.map(({ pieces }) => pieces), classes };
}

function plain(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  // Maps and sets of any class.
  if (typeof value === 'object' && value !== null && Symbol.iterator in value) return [...(value as Iterable<unknown>)];
  return value;
}

/** Where two texts part, null when they are equal. */
export function difference(found: string, expected: string): readonly [string, string] | null {
  if (found === expected) return null;
  let at = 0;
  while (found[at] === expected[at]) at++;
  const around = (text: string): string => text.slice(Math.max(0, at - 200), at + 200);
  return [around(found), around(expected)];
}
