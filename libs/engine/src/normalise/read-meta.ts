import { bareMap, field, isObject, list, text, textMap, yamlValue } from '../base/index.js';
import type { Labels, ObjectMeta, OwnerRef } from '../model/index.js';

/** Annotations that the engine or a check reads; all others are dropped, as they may hold anything. */
const KEPT_ANNOTATIONS: ReadonlySet<string> = new Set([
  'cni.projectcalico.org/podIP',
  'projectcalico.org/metadata',
  'projectcalico.org/IPv4Address',
  'ambient.istio.io/redirection',
  'ambient.istio.io/waypoint-inbound-binding',
  'istio.io/dry-run',
  'istio.io/rev',
  'ingressclass.kubernetes.io/is-default-class',
  'kubernetes.io/ingress.class',
  'k8s.v1.cni.cncf.io/networks',
  'k8s.v1.cni.cncf.io/policy-for',
  'flannel.alpha.coreos.com/backend-type',
  'flannel.alpha.coreos.com/public-ip',
  'flannel.alpha.coreos.com/kube-subnet-manager',
  'k3s.io/node-args',
  'ovn.kubernetes.io/network_policy_enforcement',
  'io.cilium/global-service',
  'service.beta.kubernetes.io/load-balancer-source-ranges',
  'service.cilium.io/affinity',
  'service.cilium.io/global',
  'service.cilium.io/shared',
  'sidecar.istio.io/inject',
  'sidecar.istio.io/interceptionMode',
  'proxy.istio.io/config',
  'prometheus.io/scrape',
  'prometheus.io/port',
]);
const KEPT_ANNOTATION_PREFIXES: readonly string[] = [
  'network.cilium.io/',
  'io.cilium.network.',
  'node.antrea.io/',
  'k8s.ovn.org/',
  'k3s.io/hostname',
  'k3s.io/internal-ip',
  'netpol-atlas/',
  'networking.istio.io/exportTo',
  'traffic.sidecar.istio.io/',
];

export function readAnnotations(value: unknown): Labels {
  const kept = textMap(value, isKeptAnnotation);
  const config = kept[PROXY_CONFIG];
  if (config === undefined) return kept;
  const { [PROXY_CONFIG]: _, ...others } = kept;
  const mode = interceptionIn(config);
  return Object.assign(bareMap<string>(), others, mode === null ? {} : { [PROXY_CONFIG]: `interceptionMode: ${mode}` });
}

/** Settings of a pod's proxy, as YAML or JSON; of all that may stand there one thing is kept. */
export const PROXY_CONFIG = 'proxy.istio.io/config';

/** How traffic gets to the proxy, as its settings tell; null where they do not. */
export function interceptionIn(config: string): string | null {
  return yamlValue(config, 'interceptionMode') ?? null;
}

function isKeptAnnotation(key: string): boolean {
  return KEPT_ANNOTATIONS.has(key) || KEPT_ANNOTATION_PREFIXES.some((prefix) => key.startsWith(prefix));
}

/** `apps/v1` → group `apps`, version `v1`; the core group is ''. */
export function splitApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/');
  return slash < 0
    ? { group: '', version: apiVersion }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

/** Reads `metadata`. The caller has checked that there is a name. */
export function readMeta(raw: unknown, group: string, version: string, kind: string, namespaced: boolean): ObjectMeta {
  const metadata = field(raw, 'metadata');
  const namespace = namespaced ? text(field(metadata, 'namespace')) || 'default' : '';
  const name = text(field(metadata, 'name')) || text(field(metadata, 'generateName'));
  return {
    group,
    kind,
    version,
    namespace,
    name,
    uid: text(field(metadata, 'uid')) || `${group}/${kind}/${namespace}/${name}`,
    labels: textMap(field(metadata, 'labels')),
    annotations: readAnnotations(field(metadata, 'annotations')),
    owner: readOwner(field(metadata, 'ownerReferences')),
    createdAt: text(field(metadata, 'creationTimestamp')),
    deleting: field(metadata, 'deletionTimestamp') !== undefined,
  };
}

/** The controlling owner; the only owner counts as controller when none is marked. */
function readOwner(value: unknown): OwnerRef | null {
  const owners = list(value).filter(isObject);
  const owner = owners.find((candidate) => candidate['controller'] === true) ?? owners[0];
  if (owner === undefined) return null;
  return {
    group: splitApiVersion(text(owner['apiVersion'])).group,
    kind: text(owner['kind']),
    name: text(owner['name']),
    uid: text(owner['uid']),
  };
}
