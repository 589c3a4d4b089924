import { field, list, path, text } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import { ALL, and, NONE, not } from '../../model/index.js';
import type { AuxFact, Selector } from '../../model/index.js';
import type { Ranges } from '../../net/index.js';
import { ProblemList } from '../../normalise/problem-list.js';
import type { MergedRule } from './destination-rules.js';
import { readWorkloadSelector } from './fields.parse.js';
import type { MeshConfig } from './mesh-config.js';
import { portsApart } from './ports-alike.js';

/** Clients, and ports of a Service to which they show no identity of the mesh. */
export interface Unidentified {
  readonly clients: Selector;
  readonly ports: Ranges;
}

/**
 * Of clients for whom rules hold those that the rules let send without an identity of the mesh. `routed` are the subsets
 * that VirtualServices send to. (IM-49; istio: pilot/pkg/networking/core/{cluster_traffic_policy,cluster_tls}.go,
 * pilot/pkg/networking/util/util.go)
 */
export function withoutIdentity(
  rules: readonly MergedRule[],
  routed: ReadonlySet<string>,
  { autoMtls }: Pick<MeshConfig, 'autoMtls'>,
): readonly Unidentified[] {
  return transports(rules, routed, autoMtls).flatMap(({ clients, ports, kinds }): Unidentified[] => {
    const doubts = kinds.map((one) => DOUBTS[one]);
    const who = and(clients, doubts.every((one) => one === doubts[0]) ? (doubts[0] ?? NONE) : NONE_OR_OTHER);
    return who === NONE ? [] : [{ clients: who, ports }];
  });
}

/** Of the same clients those that a rule, `from`, has speak mutual TLS of the mesh to whoever serves (IM-52). */
export function withMutualTls(
  rules: readonly MergedRule[],
  routed: ReadonlySet<string>,
  { autoMtls }: Pick<MeshConfig, 'autoMtls'>,
): readonly (Unidentified & { readonly from: AuxFact })[] {
  return transports(rules, routed, autoMtls).flatMap(({ clients, ports, kinds, from }) => {
    if (from === undefined || !kinds.includes('demanded')) return [];
    const who = kinds.every((one) => one === 'demanded') ? clients : and(clients, NONE_OR_OTHER);
    return [{ clients: who, ports, from }];
  });
}

interface Transports {
  readonly clients: Selector;
  readonly ports: Ranges;
  /** That of the Service, then those of its subsets. */
  readonly kinds: readonly Transport[];
  readonly from: AuxFact | undefined;
}

function transports(
  rules: readonly MergedRule[],
  routed: ReadonlySet<string>,
  autoMtls: boolean,
): readonly Transports[] {
  return holders(rules).flatMap(({ clients, rule }) => {
    const subsets = (rule?.subsets ?? []).filter((one) => routed.has(text(field(one, 'name'))));
    const policies = [rule?.policy, ...subsets.map((one) => field(one, 'trafficPolicy'))];
    return portsApart(portsOfSettings(policies)).map(({ number, ports }): Transports => {
      const whole = tlsAt(rule?.policy, number);
      const all = [whole, ...subsets.map((one) => tlsOfSubset(field(one, 'trafficPolicy'), whole, number))];
      const kinds = all.map((tls) => transportBy(tls, rule?.chosen !== null, autoMtls));
      return { clients, ports, kinds, from: rule?.from };
    });
  });
}

interface Holder {
  readonly clients: Selector;
  readonly rule: MergedRule | undefined;
}

/** The first rule that chooses a client holds for it, else the last one that chooses nobody. */
function holders(rules: readonly MergedRule[]): readonly Holder[] {
  const out: Holder[] = [];
  let others: Selector = ALL;
  for (const rule of rules) {
    if (rule.chosen === null) continue;
    const selector = readWorkloadSelector({ matchLabels: rule.chosen }, '', new ProblemList(null)) ?? ALL;
    out.push({ clients: and(others, selector), rule });
    others = and(others, not(selector));
  }
  return [...out, { clients: others, rule: rules.findLast(({ chosen }) => chosen === null) }];
}

/** The ports that `portLevelSettings` single out. */
function portsOfSettings(policies: readonly (Json | undefined)[]): readonly number[] {
  return policies.flatMap((policy) =>
    list(field(policy, 'portLevelSettings')).flatMap((one) => {
      const number = path(one, 'port', 'number');
      return typeof number === 'number' ? [number] : [];
    }),
  );
}

const settingsAt = (policy: Json | undefined, number: number | null): Json | undefined =>
  list(field(policy, 'portLevelSettings')).find((one) => number !== null && path(one, 'port', 'number') === number);

/** What a port's own settings leave out is not taken over. */
function tlsAt(policy: Json | undefined, number: number | null): Json | undefined {
  return field(settingsAt(policy, number) ?? policy, 'tls');
}

/** A subset takes over what its own policy, unless that singles out the port, leaves out. */
function tlsOfSubset(policy: Json | undefined, whole: Json | undefined, number: number | null): Json | undefined {
  const settings = settingsAt(policy, number);
  return settings === undefined ? (field(policy, 'tls') ?? whole) : field(settings, 'tls');
}

/** `mesh`: with an identity of the mesh; `demanded`: whether or not the server has a proxy. `own`: with certificates of the client's own. */
type Transport = 'mesh' | 'demanded' | 'none' | 'own';

function transportBy(tls: Json | undefined, isForChosen: boolean, autoMtls: boolean): Transport {
  if (tls === undefined) return autoMtls ? 'mesh' : 'none';
  const mode = text(field(tls, 'mode'));
  if (mode === 'ISTIO_MUTUAL') return 'demanded';
  if (mode !== 'MUTUAL') return 'none';
  // Sidecars have certificates by name only from rules that choose their clients.
  const isBySecret = /^(?!configmap:\/\/)./.test(text(field(tls, 'credentialName')));
  return isBySecret && !isForChosen ? 'none' : 'own';
}

const DOUBTS: Readonly<Record<Transport, Selector>> = {
  mesh: NONE,
  demanded: NONE,
  none: ALL,
  own: {
    type: 'unknown',
    why: 'whether servers take the certificates that a DestinationRule has clients show is not known',
  },
};

const NONE_OR_OTHER: Selector = {
  type: 'unknown',
  why: 'subsets that a VirtualService sends to have other TLS settings than the rest of the Service',
};
