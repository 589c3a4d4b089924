import { canonicalJson, field, list, path, pushTo, text } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import { not, or } from '../../model/index.js';
import type { AuxFact, Selector } from '../../model/index.js';
import { audienceOf, isShownTo } from './export-to.js';
import type { Audience } from './export-to.js';
import type { MeshConfig } from './mesh-config.js';
import { oldestFirst } from './oldest-first.js';
import { inNamespace } from './targets.compile.js';
import { isNameOf, serviceOfHost } from './virtual-service.js';

export const DESTINATION_RULE = 'DestinationRule.networking.istio.io';

/** A DestinationRule with what its host means: a Service, or the ending of names. */
export interface HostRule {
  readonly rule: AuxFact;
  readonly audience: Audience;
  readonly service: string | null;
  /** In small letters. */
  readonly host: string;
}

/** The DestinationRules of a mesh: those for chosen clients first, then the older ones. */
export interface DestinationRules {
  /** By `namespace/name`. */
  readonly byService: ReadonlyMap<string, readonly HostRule[]>;
  /** Those with an asterisk. */
  readonly wild: readonly HostRule[];
}

export function readDestinationRules(facts: readonly AuxFact[], { exportDefaults }: MeshConfig): DestinationRules {
  const byService = new Map<string, HostRule[]>();
  const wild: HostRule[] = [];
  const sorted = [...facts].sort((a, b) => oldestFirst(a.meta, b.meta));
  for (const rule of [...sorted.filter(isForChosen), ...sorted.filter((one) => !isForChosen(one))]) {
    const audience = isForChosen(rule) ? [rule.meta.namespace] : audienceOf(rule, exportDefaults.destinationRule);
    const host = text(path(rule.raw, 'spec', 'host')).toLowerCase();
    const service = serviceOfHost(host, rule.meta.namespace);
    const found = { rule, audience, service, host };
    if (service !== null) pushTo(byService, service, found);
    else if (host.startsWith('*')) wild.push(found);
  }
  return { byService, wild };
}

/** Whether it is for clients with certain labels, of its own namespace. */
const isForChosen = (rule: AuxFact): boolean => path(rule.raw, 'spec', 'workloadSelector') !== undefined;

/** Those of which the host is a Service, by `namespace/name`, or stands for it by its ending. */
export function rulesOf(service: string, { byService, wild }: DestinationRules): readonly HostRule[] {
  return [...(byService.get(service) ?? []), ...wild.filter(({ host }) => isNameOf(host, service))];
}

/** What the mesh makes of rules of one namespace for one host. */
export interface MergedRule {
  /** Labels of the clients that it is for; null for all. */
  readonly chosen: Json | null;
  readonly audience: Audience;
  readonly policy: Json | undefined;
  /** Which has the policy, else the oldest. */
  readonly from: AuxFact;
  readonly subsets: readonly Json[];
}

/**
 * Which of the rules of a Service hold for proxies of a namespace: those there, but in the root namespace only such as are
 * for it alone; else those of the Service's namespace, else of the root namespace. Of each the most specific host counts.
 * (IM-49; istio: pilot/pkg/model/push_context.go)
 */
export function holdingRules(
  rules: readonly HostRule[],
  service: string,
  client: string,
  { rootNamespace }: MeshConfig,
): readonly MergedRule[] {
  const [home = ''] = service.split('/');
  const own = rules.filter((one) => homeOf(one) === client && isShownTo(one.audience, client));
  const first = mostSpecific(client === rootNamespace ? own.filter(isPrivate) : own);
  if (first.length > 0) return mergedRules(first);
  for (const namespace of [home, rootNamespace]) {
    const exported = mostSpecific(rules.filter((one) => homeOf(one) === namespace && !isPrivate(one)));
    const shown = mergedRules(exported).filter(({ audience }) => isShownTo(audience, client));
    if (shown.length > 0) return shown;
  }
  return [];
}

const homeOf = ({ rule }: HostRule): string => rule.meta.namespace;

/** By one word: `.` beside the name of the own namespace is not taken for the same. */
const isPrivate = (one: HostRule): boolean =>
  one.audience?.length === 1 && one.audience[0] === homeOf(one) && wordsOf(one.rule).length < 2;

const wordsOf = (rule: AuxFact): readonly string[] => [
  ...new Set(isForChosen(rule) ? ['.'] : list(path(rule.raw, 'spec', 'exportTo')).map(text)),
];

/** Whole names, else the longest of those with an asterisk. */
function mostSpecific(rules: readonly HostRule[]): readonly HostRule[] {
  const lengthOf = ({ service, host }: HostRule): number => (service === null ? host.length : Number.MAX_SAFE_INTEGER);
  const longest = Math.max(...rules.map(lengthOf));
  return rules.filter((one) => lengthOf(one) === longest);
}

interface Merging extends MergedRule {
  policy: Json | undefined;
  from: AuxFact;
  readonly subsets: Json[];
  readonly exportTo: readonly string[];
}

/**
 * Rules that are for the same clients and say the same in `exportTo` are one, of which the oldest `trafficPolicy` counts.
 * What says all of it and more becomes a part of the older one too. (istio: pilot/pkg/model/destination_rule.go)
 */
function mergedRules(rules: readonly HostRule[]): readonly MergedRule[] {
  const out: Merging[] = [];
  for (const { rule, audience } of rules) {
    const chosen = isForChosen(rule) ? (path(rule.raw, 'spec', 'workloadSelector', 'matchLabels') ?? {}) : null;
    const exportTo = wordsOf(rule);
    const policy = path(rule.raw, 'spec', 'trafficPolicy');
    const subsets = list(path(rule.raw, 'spec', 'subsets'));
    let isApart = true;
    for (const known of out) {
      const isAlike = canonicalJson(known.chosen) === canonicalJson(chosen);
      const areBothChosen = known.chosen !== null && chosen !== null;
      isApart = !isAlike || !saysAll(exportTo, known.exportTo);
      if (!saysAll(exportTo, known.exportTo) || (areBothChosen && !isAlike)) continue;
      if (known.policy === undefined && policy !== undefined) [known.policy, known.from] = [policy, rule];
      const names = known.subsets.map(subsetName);
      known.subsets.push(...subsets.filter((one) => !names.includes(subsetName(one))));
    }
    if (isApart) out.push({ chosen, audience, exportTo, policy, from: rule, subsets: [...subsets] });
  }
  return out;
}

/** To say nothing is another thing than to say what it stands for. */
function saysAll(exportTo: readonly string[], other: readonly string[]): boolean {
  if (other.length === 0) return exportTo.length === 0;
  return other.every((to) => exportTo.includes(to));
}

const subsetName = (subset: Json): string => text(field(subset, 'name'));

/** All clients of a Service by their namespaces, with the rules that hold for them. */
export function ruledClients(
  rules: readonly HostRule[],
  service: string,
  config: MeshConfig,
): readonly { readonly clients: Selector; readonly rules: readonly MergedRule[] }[] {
  const named = new Set(rules.flatMap((one) => [homeOf(one), ...(one.audience ?? [])]));
  const told = rules.length === 0 ? [] : [config.rootNamespace, ...named].sort();
  const areas = told.map((namespace) => ({
    clients: inNamespace(namespace),
    rules: holdingRules(rules, service, namespace, config),
  }));
  const others = not(or(...told.map(inNamespace)));
  return [...areas, { clients: others, rules: holdingRules(rules, service, '', config) }];
}

/** The labels of a subset of a Service, as proxies of a namespace see it; null when no DestinationRule has it. */
export function subsetLabels(
  all: DestinationRules,
  { service, subset, client }: { readonly service: string; readonly subset: string; readonly client: string },
  config: MeshConfig,
): Json | null {
  // For clients that no rule chooses the last one counts.
  for (const { subsets } of [...holdingRules(rulesOf(service, all), service, client, config)].reverse()) {
    const found = subsets.find((one) => subsetName(one) === subset);
    if (found !== undefined) return field(found, 'labels') ?? {};
  }
  return null;
}
