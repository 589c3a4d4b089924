import { field, isObject, list, ProblemList, readLabelSelector, text, YES } from '#engine';
import type { AuxFact, Direction, Endpoint, Json } from '#engine';

import type { AuditContext } from './audit-context.js';
import { DIRECTIONS, typeName } from './policy-view.js';

export const MULTI_NETWORK_POLICY = 'MultiNetworkPolicy.k8s.cni.cncf.io';

/** Attachments that Multus gives a pod beside its first interface. */
const NETWORKS = 'k8s.v1.cni.cncf.io/networks';
/** Attachments that a MultiNetworkPolicy speaks for; without it, it speaks for none. */
export const POLICY_FOR = 'k8s.v1.cni.cncf.io/policy-for';

/** The further networks of a pod as `namespace/name`, each once, in order. */
export function furtherNetworks(context: AuditContext, pod: Endpoint): readonly string[] {
  const written = context.shapeOf(pod)?.annotations[NETWORKS]?.trim() ?? '';
  const names = written.startsWith('[') ? namesOfList(written, pod.namespace) : namesOfText(written, pod.namespace);
  return [...new Set(names)].sort();
}

/** `net-a, ops/net-b@eth2`. */
function namesOfText(written: string, home: string): readonly string[] {
  return written
    .split(',')
    .map((one) => one.trim().replace(/@.*$/, ''))
    .filter(Boolean)
    .map((name) => (name.includes('/') ? name : `${home}/${name}`));
}

/** `[{ "name": "net-b", "namespace": "ops" }]`; what is no list of these is one network that nothing covers. */
function namesOfList(written: string, home: string): readonly string[] {
  try {
    const items = list(JSON.parse(written) as Json).filter(isObject);
    return items.map((item) => `${text(field(item, 'namespace')) || home}/${text(field(item, 'name'))}`);
  } catch {
    return [written];
  }
}

/** Directions in which no MultiNetworkPolicy closes a pod on one of its further networks. */
export function openOnNetwork(context: AuditContext, pod: Endpoint, network: string): readonly Direction[] {
  const policies = context.snapshot.index.aux.get(MULTI_NETWORK_POLICY) ?? [];
  const own = policies.filter((policy) => isFor(policy, network) && selects(context, policy, pod));
  return DIRECTIONS.filter((direction) => !own.some((policy) => directionsOf(policy).includes(direction)));
}

function isFor({ meta }: AuxFact, network: string): boolean {
  return namesOfText(meta.annotations[POLICY_FOR] ?? '', meta.namespace).includes(network);
}

function selects(context: AuditContext, { meta, raw }: AuxFact, pod: Endpoint): boolean {
  if (meta.namespace !== pod.namespace) return false;
  const at = '/spec/podSelector';
  const selector = readLabelSelector(field(field(raw, 'spec'), 'podSelector') ?? {}, 'pod', at, new ProblemList(meta));
  return context.matches(selector, pod) === YES;
}

/** As of a NetworkPolicy. */
function directionsOf({ raw }: AuxFact): readonly Direction[] {
  const spec = field(raw, 'spec');
  const types = list(field(spec, 'policyTypes')).map(text);
  if (types.length > 0) return DIRECTIONS.filter((direction) => types.includes(typeName(direction)));
  return list(field(spec, 'egress')).length > 0 ? DIRECTIONS : ['ingress'];
}
