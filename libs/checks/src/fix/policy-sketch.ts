import { blockOf, objectLabel, pushTo, stableLabels } from '#engine';
import type { Direction, Endpoint, Json, JsonObject, Labels } from '#engine';

import { NAME_LABEL } from '../context/namespace-keys.js';
import { typeName } from '../context/policy-view.js';
import { networkPolicy } from './make-fix.js';

/** Whom a rule is about, before it is said in the words of one kind of policy. */
export type SketchPeer =
  /** Pods of one namespace, or of every one when it is ''; every pod of it when there are no labels. */
  | { readonly type: 'pods'; readonly namespace: string; readonly labels: Labels }
  | { readonly type: 'block'; readonly cidr: string }
  /** Nodes and what runs on their network; the blocks are their addresses, for kinds that know no nodes. */
  | { readonly type: 'nodes'; readonly cidrs: readonly string[] }
  /** What runs on the network of the node that the pod itself is on, at the blocks. */
  | { readonly type: 'ownNode'; readonly cidrs: readonly string[] }
  | { readonly type: 'apiServer'; readonly cidrs: readonly string[] }
  /** A name outside the cluster, with the addresses that it had, for kinds that know no names. */
  | { readonly type: 'host'; readonly name: string; readonly cidrs: readonly string[] };

/** A port of TCP, UDP or SCTP; null for a protocol without ports. */
export interface SketchPort {
  readonly protocol: string;
  readonly port: number | null;
}

export interface SketchRule {
  readonly direction: Direction;
  /** Any of them; nobody in particular when there is none: everyone. */
  readonly peers: readonly SketchPeer[];
  /** Any of them; every port when there is none. */
  readonly ports: readonly SketchPort[];
  /** It leads to those who answer questions for names. */
  readonly isDns?: boolean;
}

/** A policy before it is said in the words of one kind: what is closed, and what is let through all the same. */
export interface PolicySketch {
  readonly namespace: string;
  readonly name: string;
  /** Of the pods that it is about; all of the namespace when there are none. */
  readonly labels: Labels;
  readonly closes: readonly Direction[];
  readonly rules: readonly SketchRule[];
}

/** Kinds of policy that a sketch can be said in. */
export type PolicyForm = 'kubernetes' | 'cilium' | 'calico';

/** The object that says what a sketch means. */
export function sayPolicy(sketch: PolicySketch, form: PolicyForm = 'kubernetes'): JsonObject {
  return WRITERS[form](sketch);
}

/** The peer that means one endpoint, or all that are like it. */
export function peerOf(endpoint: Endpoint, labels: Labels = stableLabels(endpoint.labels)): SketchPeer {
  if (endpoint.kind === 'pod') return { type: 'pods', namespace: endpoint.namespace, labels };
  const cidrs = endpoint.ips.map(blockOf);
  if (endpoint.kind !== 'external') return { type: 'nodes', cidrs };
  return endpoint.hostName === '' && cidrs[0] !== undefined
    ? { type: 'block', cidr: cidrs[0] }
    : { type: 'host', name: endpoint.hostName, cidrs };
}

/** Those peers among endpoints that mean different ones. */
export function distinctPeers(endpoints: readonly Endpoint[]): readonly SketchPeer[] {
  const peers = endpoints.map((endpoint) => peerOf(endpoint));
  return [...new Map(peers.map((peer) => [JSON.stringify(peer), peer])).values()];
}

/** A peer in words. */
export function peerWords(peer: SketchPeer): string {
  switch (peer.type) {
    case 'pods': {
      const labels = Object.entries(peer.labels).map(([key, value]) => `${key}=${value}`);
      const where = peer.namespace === '' ? 'every namespace' : peer.namespace;
      return labels.length === 0 ? `every pod of ${where}` : objectLabel({ namespace: where, name: labels.join() });
    }
    case 'block':
      return peer.cidr;
    case 'nodes':
      return `nodes at ${peer.cidrs.join(', ')}`;
    case 'ownNode':
      return `the own node at ${peer.cidrs.join(', ')}`;
    case 'apiServer':
      return `the API server at ${peer.cidrs.join(', ')}`;
    case 'host':
      return peer.name;
  }
}

/** By which Cilium knows where a pod is. */
const POD_NAMESPACE = 'k8s:io.kubernetes.pod.namespace';

const WRITERS: Readonly<Record<PolicyForm, (sketch: PolicySketch) => JsonObject>> = {
  kubernetes: ({ namespace, name, labels, closes, rules }) => {
    const said = (direction: Direction): JsonObject => {
      const own = rules
        .filter((rule) => rule.direction === direction)
        .flatMap((rule) => kubernetesRule(rule, namespace));
      return own.length === 0 ? {} : { [direction]: own };
    };
    const spec = { podSelector: selector(labels), policyTypes: closes.map(typeName) };
    return networkPolicy(namespace, name, { ...spec, ...said('ingress'), ...said('egress') });
  },

  cilium: ({ namespace, name, labels, closes, rules }) => ({
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNetworkPolicy',
    metadata: { name, namespace },
    spec: {
      endpointSelector: selector(labels),
      ...Object.fromEntries(
        closes.map((direction) => {
          const own = rules.filter((rule) => rule.direction === direction);
          const named = rules.some(({ peers }) => peers.some(({ type }) => type === 'host'));
          const said = own.flatMap((rule) => ciliumRules(rule, namespace, named));
          // An empty rule selects nobody; what it does is to close the direction.
          return [direction, said.length === 0 ? [{}] : said];
        }),
      ),
    },
  }),

  calico: ({ namespace, name, labels, closes, rules }) => ({
    apiVersion: 'projectcalico.org/v3',
    kind: 'NetworkPolicy',
    metadata: { name, namespace },
    spec: {
      selector: calicoSelector(labels),
      types: closes.map(typeName),
      ...Object.fromEntries(
        closes.flatMap((direction) => {
          const own = rules.filter((rule) => rule.direction === direction);
          const said = own.flatMap((rule) => calicoRules(rule, namespace));
          return said.length === 0 ? [] : [[direction, said] as const];
        }),
      ),
    },
  }),
};

function selector(labels: Labels): JsonObject {
  return Object.keys(labels).length === 0 ? {} : { matchLabels: { ...labels } };
}

/** A rule that is about nothing but protocols without ports cannot be said. */
function kubernetesRule({ direction, peers, ports }: SketchRule, namespace: string): readonly JsonObject[] {
  const known = ports.filter(({ port }) => port !== null);
  if (known.length === 0 && ports.length > 0) return [];
  const said = peers.flatMap((peer) => kubernetesPeers(peer, namespace));
  if (said.length === 0 && peers.length > 0) return [];
  const at = direction === 'ingress' ? 'from' : 'to';
  return [
    {
      ...(peers.length === 0 ? {} : { [at]: said }),
      ...(known.length === 0 ? {} : { ports: known.map(({ protocol, port }) => ({ protocol, port: port as number })) }),
    },
  ];
}

function kubernetesPeers(peer: SketchPeer, namespace: string): readonly JsonObject[] {
  if (peer.type !== 'pods') return cidrsOf(peer).map((cidr) => ({ ipBlock: { cidr } }));
  const podSelector = selector(peer.labels);
  if (peer.namespace === namespace) return [{ podSelector }];
  const namespaceSelector = peer.namespace === '' ? {} : { matchLabels: { [NAME_LABEL]: peer.namespace } };
  return [Object.keys(peer.labels).length === 0 ? { namespaceSelector } : { namespaceSelector, podSelector }];
}

function cidrsOf(peer: Exclude<SketchPeer, { type: 'pods' }>): readonly string[] {
  return peer.type === 'block' ? [peer.cidr] : peer.cidrs;
}

/** One rule for each sort of peer, as Cilium takes no two sorts in one. */
function ciliumRules(
  { direction, peers, ports, isDns = false }: SketchRule,
  namespace: string,
  named: boolean,
): readonly JsonObject[] {
  const way = direction === 'ingress' ? 'from' : 'to';
  const said = new Map<string, Json[]>();
  const add = (key: string, value: Json): void => {
    pushTo(said, key, value);
  };
  for (const peer of peers) {
    if (peer.type === 'pods') add(`${way}Endpoints`, ciliumEndpoints(peer, namespace));
    else if (peer.type === 'nodes') add(`${way}Entities`, ['host', 'remote-node']);
    else if (peer.type === 'ownNode') add(`${way}Entities`, 'host');
    else if (peer.type === 'apiServer') add(`${way}Entities`, 'kube-apiserver');
    else if (peer.type === 'host' && direction === 'egress') add('toFQDNs', { matchName: peer.name });
    else for (const cidr of cidrsOf(peer)) add(`${way}CIDR`, cidr);
  }
  const known = ports.filter(({ port }) => port !== null);
  if (known.length === 0 && ports.length > 0) return [];
  const toPorts = ciliumPorts(known, named && isDns);
  if (peers.length === 0) return [{ [`${way}Entities`]: ['all'], ...toPorts }];
  return [...said].map(([key, values]) => ({ [key]: [...new Set(values.flat())], ...toPorts }));
}

function ciliumEndpoints(peer: Extract<SketchPeer, { type: 'pods' }>, namespace: string): JsonObject {
  const place: Labels =
    peer.namespace === namespace || peer.namespace === '' ? {} : { [POD_NAMESPACE]: peer.namespace };
  const everywhere = { matchExpressions: [{ key: POD_NAMESPACE, operator: 'Exists' }] };
  return { ...selector({ ...place, ...peer.labels }), ...(peer.namespace === '' ? everywhere : {}) };
}

/** Names are known by the answers that pods get, so where names are allowed the agent has to see the questions. */
function ciliumPorts(ports: readonly SketchPort[], seesNames: boolean): JsonObject {
  if (ports.length === 0) return {};
  const said = ports.map(({ port, protocol }) => ({ port: String(port), protocol }));
  return { toPorts: [{ ports: said, ...(seesNames ? { rules: { dns: [{ matchPattern: '*' }] } } : {}) }] };
}

function calicoSelector(labels: Labels): string {
  const terms = Object.entries(labels).map(([key, value]) => `${key} == '${value}'`);
  return terms.length === 0 ? 'all()' : terms.join(' && ');
}

/** One rule for each protocol, for pods and blocks apart, and for blocks of one family, as Calico takes no two in one. */
function calicoRules({ direction, peers, ports }: SketchRule, namespace: string): readonly JsonObject[] {
  const cidrs = peers.flatMap((peer) => (peer.type === 'pods' ? [] : cidrsOf(peer)));
  const families = [cidrs.filter((cidr) => !cidr.includes(':')), cidrs.filter((cidr) => cidr.includes(':'))];
  const sides: readonly JsonObject[] =
    peers.length === 0
      ? [{}]
      : [
          ...peers.flatMap((peer) => (peer.type === 'pods' ? [calicoPods(peer, namespace)] : [])),
          ...families.flatMap((nets) => (nets.length === 0 ? [] : [{ nets }])),
        ];
  const protocols = [...new Set(ports.map(({ protocol }) => protocol))];
  const services: readonly JsonObject[] =
    protocols.length === 0
      ? [{}]
      : protocols.map((protocol) => {
          const numbers = ports.flatMap((one) => (one.protocol === protocol && one.port !== null ? [one.port] : []));
          return { protocol, ...(numbers.length === 0 ? {} : { ports: numbers }) };
        });
  return sides.flatMap((side) =>
    services.map(({ protocol, ports: numbers }) => {
      const listening = numbers === undefined ? {} : { ports: numbers };
      const ends: Readonly<Record<string, JsonObject>> =
        direction === 'ingress' ? { source: side, destination: listening } : { destination: { ...side, ...listening } };
      const told = Object.entries(ends).filter(([, end]) => Object.keys(end).length > 0);
      return { action: 'Allow', ...(protocol === undefined ? {} : { protocol }), ...Object.fromEntries(told) };
    }),
  );
}

/** What every pod has: sets of addresses and hosts may have the labels of pods too, and a selector of a peer finds those. */
const IS_POD: Labels = { 'projectcalico.org/orchestrator': 'k8s' };

function calicoPods(peer: Extract<SketchPeer, { type: 'pods' }>, namespace: string): JsonObject {
  const selected = { selector: calicoSelector({ ...peer.labels, ...IS_POD }) };
  if (peer.namespace === namespace) return selected;
  const namespaceSelector = peer.namespace === '' ? 'all()' : `${NAME_LABEL} == '${peer.namespace}'`;
  return { ...selected, namespaceSelector };
}
