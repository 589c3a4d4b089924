import { POLICY_KINDS, SUPPORTED_KINDS } from '#engine';

const SUPPORTED: ReadonlySet<string> = new Set(SUPPORTED_KINDS);
const KNOWN: ReadonlySet<string> = new Set(POLICY_KINDS);

/** `Kind.group` of a corpus's `Kind (group/version)`. */
function idOf(text: string): { readonly id: string; readonly group: string } {
  const match = /^(\w+) \((?:([^/]+)\/)?[^)]+\)$/.exec(text);
  const group = match?.[2] ?? '';
  return { id: group === '' ? (match?.[1] ?? text) : `${match?.[1] ?? text}.${group}`, group };
}

/** The policy kinds of a case that the engine does not evaluate yet. Objects that help a policy kind go with its group. */
export function unsupportedKinds(policyKinds: readonly string[]): string[] {
  return policyKinds.filter((text) => {
    const { id, group } = idOf(text);
    if (KNOWN.has(id)) return !SUPPORTED.has(id);
    const family = POLICY_KINDS.filter((kind) => kind.endsWith(`.${group}`));
    return (
      ['projectcalico.org', 'crd.antrea.io', 'cilium.io'].includes(group) && !family.some((kind) => SUPPORTED.has(kind))
    );
  });
}
