import { CONFIG_MAP_NAMES, WATCHED_KINDS } from '#engine';

/** One rule of a ClusterRole. */
export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

const VERBS = ['list', 'watch'] as const;

/** What a cluster must allow us: to list and watch the watched kinds, one rule an API group; ConfigMaps by name only. */
export function readRules(): PolicyRule[] {
  const groups = new Map<string, string[]>();
  for (const { group, resource } of WATCHED_KINDS) {
    if (resource === 'configmaps') continue;
    groups.set(group, [...(groups.get(group) ?? []), resource]);
  }
  const rules: PolicyRule[] = [...groups].map(([group, resources]) => ({
    apiGroups: [group],
    resources: [...resources].sort(),
    verbs: [...VERBS],
  }));
  const configMaps = { apiGroups: [''], resources: ['configmaps'], resourceNames: CONFIG_MAP_NAMES, verbs: ['list'] };
  return [...rules, configMaps];
}
