import type { CniEvidence, Labels } from '../../model/index.js';
import type { ClusterView } from '../cluster-view.js';
import { annotationEvidence, enforcesWhenUp, finding, flagOf, isTrue, sight } from '../detector.js';
import { NODE_CACHE, nodeCacheAddresses } from '../node-cache.js';
import type { AgentPattern, CniDetector, Sighting } from '../detector.js';

/** The agent of Cilium proper; GKE's `anetd` runs the same image under another name. */
export const CILIUM_AGENT: AgentPattern = {
  name: /^(?:rke2-)?cilium$/,
  labels: { 'k8s-app': 'cilium' },
  container: /^cilium-agent$/,
  image: /(?:^|\/)(?:cilium|cilium-ci|mirrored-cilium-cilium)$/,
};

/** Keys of `cilium-config` that change answers, or what its tables hold. */
export const CILIUM_OPTIONS: readonly string[] = [
  'allow-localhost',
  'bpf-policy-map-max',
  'cluster-id',
  'cluster-name',
  'cni-chaining-mode',
  'enable-extended-ip-protocols',
  'enable-fqdn-network-policy',
  'enable-host-firewall',
  'enable-icmp-rules',
  'enable-ipsec',
  'enable-ipv4',
  'enable-ipv6',
  'enable-k8s-cluster-network-policy',
  'enable-k8s-networkpolicy',
  'enable-l7-proxy',
  'enable-local-redirect-policy',
  'enable-lrp-address-matcher-override',
  'enable-node-selector-labels',
  'enable-non-default-deny-policies',
  'enable-policy',
  'enable-sctp',
  'enable-wireguard',
  'http-normalize-path',
  'kube-proxy-replacement',
  'labels',
  'lrp-address-matcher-cidrs',
  'mesh-auth-enabled',
  'mesh-auth-mutual-enabled',
  'policy-audit-mode',
  'policy-cidr-match-mode',
  'policy-default-local-cluster',
];

const CHAINED: Readonly<Record<string, string>> = {
  'aws-cni': 'aws-vpc-cni',
  flannel: 'flannel',
  'azure-cni': 'azure',
};

/** What an agent of Cilium's family says through its ConfigMap and arguments. */
export interface CiliumReading {
  readonly options: Readonly<Record<string, string>>;
  readonly enforces: 'yes' | 'no' | 'unknown';
  readonly evidence: readonly CniEvidence[];
  /** Less than 1 when the ConfigMap cannot be seen. */
  readonly certainty: number;
  readonly networking: { readonly id: string; readonly stated: boolean };
}

/** Reads the switches of an agent of Cilium's family. Arguments beat the ConfigMap, as the agent itself reads them. */
export function readCilium(view: ClusterView, seen: Sighting, own: string): CiliumReading {
  const map = view.configMap('cilium-config');
  const options: Record<string, string> = {};
  for (const key of CILIUM_OPTIONS) {
    const value = flagOf(seen.agents, key, /^cilium-agent$/) ?? map?.data[key];
    if (value !== undefined) options[key] = value;
  }
  const cache = nodeCacheAddresses(view.agents);
  if (cache.length > 0) options[NODE_CACHE] = cache.join(',');
  const evidence: CniEvidence[] = [];
  if (map !== null) {
    const detail = `enable-policy is \`${options['enable-policy'] ?? 'default'}\``;
    evidence.push({ source: map.source, detail, weight: 0.5 });
  }
  return {
    options,
    enforces: off(options, evidence, map?.source ?? 'cilium-agent') ? 'no' : enforcesWhenUp(seen),
    evidence,
    certainty: map === null ? 0.85 : 1,
    networking: networkingOf(options, own),
  };
}

function off(options: Labels, evidence: CniEvidence[], source: string): boolean {
  if (options['enable-policy'] === 'never') {
    evidence.push({ source, detail: 'enable-policy is `never`: no policy is enforced', weight: 0.9 });
    return true;
  }
  if (isTrue(options['policy-audit-mode'])) {
    const detail = 'policy-audit-mode is on: verdicts are logged and nothing is dropped';
    evidence.push({ source, detail, weight: 0.9 });
    return true;
  }
  return false;
}

function networkingOf(options: Labels, own: string): CiliumReading['networking'] {
  const chaining = options['cni-chaining-mode'] ?? '';
  if (chaining === 'none') return { id: own, stated: true };
  const over = CHAINED[chaining];
  if (over !== undefined) return { id: over, stated: true };
  // Other chaining modes (generic-veth, portmap) leave the addresses to a plugin that they do not name.
  return chaining === '' || chaining === 'portmap' ? { id: own, stated: false } : { id: '', stated: false };
}

/** Cilium, as networking or chained on another plugin. */
export const ciliumDetector: CniDetector = {
  id: 'cilium',
  detect(view) {
    const seen = sight(view, CILIUM_AGENT);
    const agents = seen?.agents.filter((agent) => agent.name !== 'anetd') ?? [];
    if (seen === null || agents.length === 0) return withoutAgent(view);
    const reading = readCilium(view, seen, 'cilium');
    return finding({
      profile: 'cilium',
      networking: reading.networking.id,
      networkingStated: reading.networking.stated,
      enforces: reading.enforces,
      version: seen.version,
      evidence: [...seen.evidence, ...reading.evidence],
      options: reading.options,
      coverage: seen.coverage,
      certainty: reading.certainty,
    });
  },
};

/** Node annotations and the ConfigMap still tell of Cilium where DaemonSets cannot be read. */
function withoutAgent(view: ClusterView): ReturnType<CniDetector['detect']> {
  if (view.daemonSetsKnown) return null;
  const annotation = annotationEvidence(view, 'network.cilium.io/') ?? annotationEvidence(view, 'io.cilium.network.');
  const map = view.configMap('cilium-config');
  if (annotation === null || view.nodesLabelled('cloud.google.com/gke-') > 0) return null;
  const evidence = [annotation];
  if (map !== null) evidence.push({ source: map.source, detail: 'configures Cilium', weight: 0.5 });
  return finding({ profile: 'cilium', networking: 'cilium', enforces: 'unknown', evidence, certainty: 0.8 });
}
