import { field, list, path, pushTo, text } from '../../base/index.js';
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

/** Clients that go by the same DestinationRules. */
export interface RuledClients {
  readonly clients: Selector;
  readonly rules: readonly HostRule[];
}

/** The DestinationRules of a mesh, the older ones first. */
export interface DestinationRules {
  /** By `namespace/name`. */
  readonly byService: ReadonlyMap<string, readonly HostRule[]>;
  /** Those with an asterisk. */
  readonly wild: readonly HostRule[];
}

export function readDestinationRules(facts: readonly AuxFact[], { exportDefaults }: MeshConfig): DestinationRules {
  const byService = new Map<string, HostRule[]>();
  const wild: HostRule[] = [];
  for (const rule of [...facts].sort((a, b) => oldestFirst(a.meta, b.meta))) {
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
export const isForChosen = ({ raw }: AuxFact): boolean => path(raw, 'spec', 'workloadSelector') !== undefined;

/** Those of which the host is a Service, by `namespace/name`, or stands for it by its ending. */
export function rulesOf(service: string, { byService, wild }: DestinationRules): readonly HostRule[] {
  return [...(byService.get(service) ?? []), ...wild.filter(({ host }) => isNameOf(host, service))];
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
): readonly HostRule[] {
  const [home = ''] = service.split('/');
  const own = rules.filter((one) => homeOf(one) === client && isShownTo(one.audience, client));
  const first = mostSpecific(client === rootNamespace ? own.filter(isPrivate) : own);
  if (first.length > 0) return first;
  for (const namespace of [home, rootNamespace]) {
    const exported = mostSpecific(rules.filter((one) => homeOf(one) === namespace && !isPrivate(one)));
    const shown = exported.filter(({ audience }) => isShownTo(audience, client));
    if (shown.length > 0) return shown;
  }
  return [];
}

const homeOf = ({ rule }: HostRule): string => rule.meta.namespace;

const isPrivate = (one: HostRule): boolean => one.audience?.length === 1 && one.audience[0] === homeOf(one);

/** Whole names, else the longest of those with an asterisk. */
function mostSpecific(rules: readonly HostRule[]): readonly HostRule[] {
  const lengthOf = ({ service, host }: HostRule): number => (service === null ? host.length : Number.MAX_SAFE_INTEGER);
  const longest = Math.max(...rules.map(lengthOf));
  return rules.filter((one) => lengthOf(one) === longest);
}

/** All clients of a Service, by the rules that hold for them. */
export function ruledClients(rules: readonly HostRule[], service: string, config: MeshConfig): readonly RuledClients[] {
  if (rules.length === 0) return [];
  const named = new Set(rules.flatMap((one) => [homeOf(one), ...(one.audience ?? [])]));
  const told = [config.rootNamespace, ...named].sort();
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
  for (const { rule } of holdingRules(rulesOf(service, all), service, client, config)) {
    const found = list(path(rule.raw, 'spec', 'subsets')).find((one) => text(field(one, 'name')) === subset);
    if (found !== undefined) return field(found, 'labels') ?? {};
  }
  return null;
}
