import { blockContains } from './addresses.js';
import { nameOf, namespaceOf, type OracleCluster, type OraclePod } from './cluster.js';
import { get, has, items, labelMap, str, type Raw } from './fields.js';
import { blockPeerMatches, peerAddress, peerOf, podPeer, type Scene } from './network-policy.js';
import { selectorMatches } from './selectors.js';
import { isBehind, serviceAt } from './services.js';

/** Whether the other side is meant; `unknown` where the name behind an outside address would tell. */
export type Meant = boolean | 'unknown';

export function ofKind(cluster: OracleCluster, kind: string): readonly Raw[] {
  return cluster.objects.get(`${kind}.crd.antrea.io`) ?? [];
}

/** The namespace of a policy; null for the cluster-wide kind. */
function homeOf(policy: Raw): string | null {
  return get(policy, 'kind') === 'NetworkPolicy' ? namespaceOf(policy) : null;
}

const namespaceLabels = (namespace: string, cluster: OracleCluster): ReadonlyMap<string, string> =>
  cluster.namespaces.get(namespace) ?? new Map<string, string>();

/** AT-14, AT-22: without namespaceSelector all namespaces, or the own one when there is such. */
function inScope(chooser: unknown, home: string | null, namespace: string, cluster: OracleCluster): boolean {
  if (has(chooser, 'namespaceSelector')) {
    return selectorMatches(get(chooser, 'namespaceSelector'), namespaceLabels(namespace, cluster));
  }
  return home === null || namespace === home;
}

function selectorsChoose(chooser: unknown, home: string | null, pod: OraclePod, cluster: OracleCluster): boolean {
  const anySelector = has(chooser, 'podSelector') || has(chooser, 'namespaceSelector') || home !== null;
  return (
    anySelector &&
    inScope(chooser, home, pod.namespace, cluster) &&
    selectorMatches(get(chooser, 'podSelector'), pod.labels)
  );
}

function runsUnder(account: unknown, pod: OraclePod): boolean {
  return pod.namespace === str(get(account, 'namespace')) && pod.serviceAccount === str(get(account, 'name'));
}

/** AT-16, AT-24, AT-32: the specs of a group of the policy's own kind of groups, or of its children. */
function groupSpecs(home: string | null, name: string, cluster: OracleCluster): readonly unknown[] {
  const named = (wanted: string): unknown =>
    get(
      ofKind(cluster, home === null ? 'ClusterGroup' : 'Group').find(
        (group) => nameOf(group) === wanted && (home === null || namespaceOf(group) === home),
      ),
      'spec',
    );
  const spec = named(name);
  return has(spec, 'childGroups') ? items(get(spec, 'childGroups')).map((child) => named(str(child))) : [spec];
}

/** AT-31: of a group that refers to a Service, the pods that its selector chooses. */
function isMember(spec: unknown, home: string | null, pod: OraclePod, cluster: OracleCluster): boolean {
  if (has(spec, 'serviceReference')) {
    const reference = get(spec, 'serviceReference');
    const service = serviceAt(str(get(reference, 'namespace')), str(get(reference, 'name')), cluster);
    return service !== undefined && isBehind(service, pod);
  }
  if (!has(spec, 'podSelector') && !has(spec, 'namespaceSelector')) return false;
  return selectorsChoose(spec, home, pod, cluster);
}

/** Pods that a group, an account or selectors choose. */
export function choosesPod(policy: Raw, chooser: unknown, pod: OraclePod, cluster: OracleCluster): boolean {
  const home = homeOf(policy);
  if (has(chooser, 'serviceAccount')) return runsUnder(get(chooser, 'serviceAccount'), pod);
  if (has(chooser, 'group')) {
    return groupSpecs(home, str(get(chooser, 'group')), cluster).some((spec) => isMember(spec, home, pod, cluster));
  }
  return selectorsChoose(chooser, home, pod, cluster);
}

/** The node whose network the other side uses. */
function hostOf(scene: Scene): string | null {
  const peer = peerOf(scene);
  if (peer.type === 'node') return peer.name;
  return peer.type === 'pod' && peer.hostNetwork ? peer.node : null;
}

/** AT-37. */
function isNode(selector: unknown, scene: Scene): boolean {
  const node = scene.cluster.nodes.find(({ name }) => name === hostOf(scene));
  return node !== undefined && selectorMatches(selector, node.labels);
}

/** AT-38: the addresses of the entities chosen. */
function isEntity(chooser: unknown, home: string | null, scene: Scene): boolean {
  const address = peerAddress(scene);
  return ofKind(scene.cluster, 'ExternalEntity')
    .filter(
      (entity) =>
        inScope(chooser, home, namespaceOf(entity), scene.cluster) &&
        selectorMatches(get(chooser, 'externalEntitySelector'), labelMap(get(entity, 'metadata', 'labels'))),
    )
    .flatMap((entity) => items(get(entity, 'spec', 'endpoints')))
    .some((endpoint) => address !== null && blockContains(str(get(endpoint, 'ip')), address));
}

/** AT-23: the subject's namespace, or those that agree with it on every key. */
function inRelatedNamespace(peer: unknown, subject: OraclePod, pod: OraclePod, cluster: OracleCluster): boolean {
  if (!selectorMatches(get(peer, 'podSelector'), pod.labels)) return false;
  if (get(peer, 'namespaces', 'match') === 'Self') return pod.namespace === subject.namespace;
  const [own, other] = [subject, pod].map(({ namespace }) => namespaceLabels(namespace, cluster));
  return items(get(peer, 'namespaces', 'sameLabels')).every((key) => {
    const value = own?.get(str(key));
    return value !== undefined && other?.get(str(key)) === value;
  });
}

/** AT-29: `*` stands for any characters. */
export function textMatches(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (!text.startsWith(first)) return false;
  if (rest.length === 0) return text === first;
  for (let at = first.length; at <= text.length; at++) {
    if (textMatches(pattern.slice(first.length + 1), text.slice(at))) return true;
  }
  return false;
}

/** AT-29: outside addresses by their name; pods by the names of headless Services. */
function isNamed(pattern: string, scene: Scene): Meant {
  const peer = peerOf(scene);
  const matches = (name: string): boolean => textMatches(pattern.toLowerCase(), name.toLowerCase());
  if (peer.type === 'outside') return peer.hostName === undefined ? 'unknown' : matches(peer.hostName);
  const pod = podPeer(scene);
  return (scene.cluster.objects.get('Service') ?? []).some(
    (service) =>
      get(service, 'spec', 'clusterIP') === 'None' &&
      matches(`${nameOf(service)}.${namespaceOf(service)}.svc.cluster.local`) &&
      pod !== null &&
      isBehind(service, pod),
  );
}

export function isPeer(policy: Raw, peer: unknown, subject: OraclePod | null, scene: Scene): Meant {
  const home = homeOf(policy);
  if (has(peer, 'ipBlock')) return blockPeerMatches(get(peer, 'ipBlock'), scene);
  if (has(peer, 'fqdn')) return isNamed(str(get(peer, 'fqdn')), scene);
  if (has(peer, 'nodeSelector')) return isNode(get(peer, 'nodeSelector'), scene);
  if (has(peer, 'externalEntitySelector')) return isEntity(peer, home, scene);
  const blocks = has(peer, 'group')
    ? groupSpecs(home, str(get(peer, 'group')), scene.cluster).flatMap((spec) => items(get(spec, 'ipBlocks')))
    : [];
  if (blocks.some((block) => blockPeerMatches(block, scene))) return true;
  const pod = podPeer(scene);
  if (pod === null) return false;
  if (has(peer, 'namespaces')) return subject !== null && inRelatedNamespace(peer, subject, pod, scene.cluster);
  return choosesPod(policy, peer, pod, scene.cluster);
}

/** AT-44: a pod that a selector, an account or a group chooses, not its address. */
export function isChosenPod(policy: Raw, peer: unknown, meant: Meant, scene: Scene): boolean {
  const pod = podPeer(scene);
  if (meant !== true || pod === null) return false;
  if (['ipBlock', 'fqdn', 'nodeSelector', 'externalEntitySelector'].some((field) => has(peer, field))) return false;
  return !has(peer, 'group') || choosesPod(policy, peer, pod, scene.cluster);
}
