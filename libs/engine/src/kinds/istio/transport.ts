import { field, list, path, text } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import { ALL, and, NONE, not } from '../../model/index.js';
import type { Selector } from '../../model/index.js';
import { ProblemList } from '../../normalise/problem-list.js';
import type { MergedRule } from './destination-rules.js';
import { readWorkloadSelector } from './fields.parse.js';
import type { MeshConfig } from './mesh-config.js';

/**
 * How clients for whom a rule holds speak to a port of a Service, or of a subset of it (IM-49; istio:
 * pilot/pkg/networking/core/{cluster_traffic_policy,cluster_tls}.go, pilot/pkg/networking/util/util.go).
 */
export function transportAt(
  rule: MergedRule | undefined,
  subset: string,
  number: number | null,
  { autoMtls }: Pick<MeshConfig, 'autoMtls'>,
): Transport {
  const whole = tlsAt(rule?.policy, number);
  const own = subsetOf(rule, subset);
  const tls = own === undefined ? whole : tlsOfSubset(field(own, 'trafficPolicy'), whole, number);
  return transportBy(tls, rule?.chosen !== null, autoMtls);
}

const subsetOf = (rule: MergedRule | undefined, subset: string): Json | undefined =>
  subset === '' ? undefined : rule?.subsets.find((one) => text(field(one, 'name')) === subset);

/** The ports that a rule singles out for a Service, or for a subset of it. */
export function portsSaid(rule: MergedRule | undefined, subset: string): readonly number[] {
  return [rule?.policy, field(subsetOf(rule, subset) ?? null, 'trafficPolicy')].flatMap((policy) =>
    list(field(policy, 'portLevelSettings')).flatMap((one) => {
      const number = path(one, 'port', 'number');
      return typeof number === 'number' ? [number] : [];
    }),
  );
}

/** Of clients who may speak in these ways those who show no identity of the mesh. */
export function withoutIdentity(kinds: readonly Transport[]): Selector {
  const doubts = kinds.map((one) => DOUBTS[one]);
  return doubts.every((one) => one === doubts[0]) ? (doubts[0] ?? NONE) : ONE_OR_OTHER;
}

/** Those who speak mutual TLS of the mesh to whoever serves (IM-52). */
export function withMutualTls(kinds: readonly Transport[]): Selector {
  if (!kinds.includes('demanded')) return NONE;
  return kinds.every((one) => one === 'demanded') ? ALL : ONE_OR_OTHER;
}

export interface Holder {
  readonly clients: Selector;
  readonly rule: MergedRule | undefined;
}

/** The first rule that chooses a client holds for it, else the last one that chooses nobody. */
export function holders(rules: readonly MergedRule[]): readonly Holder[] {
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
export type Transport = 'mesh' | 'demanded' | 'none' | 'own';

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

const ONE_OR_OTHER: Selector = {
  type: 'unknown',
  why: 'where a VirtualService leads to, TLS settings are not all the same',
};
