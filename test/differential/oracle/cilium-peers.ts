import { blockContains, type Address } from './addresses.js';
import {
  hostOf,
  identityOf,
  inScope,
  isCiliumEndpoint,
  placeOf,
  selectsIdentity,
  type Identity,
} from './cilium-identity.js';
import { nameOf, namespaceOf, type Conventions, type OracleEndpoint } from './cluster.js';
import { get, has, items, labelMap, str, type Raw } from './fields.js';
import { peerAddress, peerOf, subjectOf, type Scene } from './network-policy.js';
import { selectorMatches } from './selectors.js';
import { addressesIn, isBehind, slicesOf } from './services.js';

/** What a rule's peers are compared with. */
export interface Side {
  readonly scene: Scene;
  /** Namespace of the policy; null for the cluster-wide kind. */
  readonly home: string | null;
  readonly peer: OracleEndpoint;
  readonly subject: OracleEndpoint;
  readonly address: Address | null;
  readonly identity: Identity;
}

export function sideOf(policy: Raw, scene: Scene): Side {
  const [peer, subject, address] = [peerOf(scene), subjectOf(scene), peerAddress(scene)];
  const home = get(policy, 'kind') === 'CiliumNetworkPolicy' ? namespaceOf(policy) : null;
  return { scene, home, peer, subject, address, identity: identityOf(peer, subject, address, scene.cluster) };
}

function isEntity(name: string, { identity, peer, subject }: Side): boolean {
  const is = (key: string): boolean => identity.some((label) => label.source === 'reserved' && label.key === key);
  switch (name) {
    case 'all':
      return true;
    case 'cluster':
      return !is('world') || is('kube-apiserver');
    case 'namespace':
      return (
        isCiliumEndpoint(peer) && subject.type === 'pod' && !subject.hostNetwork && peer.namespace === subject.namespace
      );
    default:
      return is(name);
  }
}

/** Address blocks are about addresses that have no identity in the cluster, and about nodes where a switch says so. */
function blocksConcern({ peer, scene }: Side): boolean {
  if (peer.type === 'outside') return true;
  return hostOf(peer) !== null && scene.conventions.blocksMatchNodes;
}

function inBlock(cidr: string, except: readonly unknown[], side: Side): boolean {
  const { address } = side;
  if (address === null || !blocksConcern(side)) return false;
  return blockContains(cidr, address) && !except.some((inner) => blockContains(str(inner), address));
}

function inBlockRule(rule: unknown, side: Side): boolean {
  const except = items(get(rule, 'except'));
  if (has(rule, 'cidr')) return inBlock(str(get(rule, 'cidr')), except, side);
  const groups = (side.scene.cluster.objects.get('CiliumCIDRGroup.cilium.io') ?? []).filter((group) =>
    has(rule, 'cidrGroupRef')
      ? nameOf(group) === str(get(rule, 'cidrGroupRef'))
      : selectorMatches(get(rule, 'cidrGroupSelector'), labelMap(get(group, 'metadata', 'labels'))),
  );
  return groups.some((group) =>
    items(get(group, 'spec', 'externalCIDRs')).some((cidr) => inBlock(str(cidr), except, side)),
  );
}

/** Nodes other than the subject's own, by their labels. */
function isOtherNode(selector: unknown, { peer, subject, scene }: Side): boolean {
  const host = hostOf(peer);
  if (host === null || host === placeOf(subject)) return false;
  const labels = scene.cluster.nodes.find((node) => node.name === host)?.labels ?? new Map<string, string>();
  return selectorMatches(selector, labels);
}

/** The Services that a rule asks for: by labels, or by name where it says nothing of labels. */
function servicesOf(reference: unknown, { scene }: Side): readonly Raw[] {
  return (scene.cluster.objects.get('Service') ?? []).filter((service) => {
    const wanted = get(reference, 'k8sServiceSelector') ?? get(reference, 'k8sService');
    const namespace = str(get(wanted, 'namespace'));
    if (namespace !== '' && namespace !== namespaceOf(service)) return false;
    if (has(wanted, 'serviceName')) return nameOf(service) === str(get(wanted, 'serviceName'));
    return selectorMatches(get(wanted, 'selector'), labelMap(get(service, 'metadata', 'labels')));
  });
}

const hasSelector = (service: Raw): boolean => labelMap(get(service, 'spec', 'selector')).size > 0;

const addressesOf = (service: Raw, { scene }: Side): readonly string[] =>
  slicesOf(namespaceOf(service), nameOf(service), scene.cluster).flatMap(addressesIn);

/** Pods that a Service's selector chooses; of a Service without one, the addresses of its slices. */
function isBehindService(reference: unknown, side: Side): boolean {
  return servicesOf(reference, side).some((service) =>
    hasSelector(service)
      ? isCiliumEndpoint(side.peer) && isBehind(service, side.peer)
      : addressesOf(service, side).some((address) => inBlock(address, [], side)),
  );
}

/** CNP-42: `sub.example.org` by stars inside a label and, from 1.19 on, a leading `**.` as any number of labels. */
export function nameMatches(rule: unknown, name: string, { release }: Conventions): boolean {
  if (has(rule, 'matchName')) return str(get(rule, 'matchName')).toLowerCase() === name;
  const pattern = str(get(rule, 'matchPattern')).toLowerCase();
  const isDeep = release !== '1.18';
  if (pattern === '*' || (isDeep && /^\*+$/.test(pattern))) return true;
  const [first = '', ...rest] = pattern.split('.');
  const deep = isDeep && /^\*\*+$/.test(first);
  const wanted = deep ? rest : [first, ...rest];
  const labels = name.split('.');
  if (deep ? labels.length <= wanted.length : labels.length !== wanted.length) return false;
  const tail = labels.slice(labels.length - wanted.length);
  return wanted.every((glob, index) => globMatches(glob, tail[index] ?? ''));
}

function globMatches(glob: string, text: string): boolean {
  const [first = '', ...rest] = glob.split('*');
  if (rest.length === 0) return glob === text;
  const last = rest.pop() ?? '';
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= text.length - last.length;
}

/** A rule about names: an outside address may be behind any of them. */
function isNamed(rule: unknown, { peer, scene }: Side): boolean | 'unknown' {
  if (peer.type !== 'outside') return false;
  if (peer.hostName === undefined) return 'unknown';
  return nameMatches(rule, peer.hostName, scene.conventions);
}

/** CNP-32: those of which an empty list is nobody, then those of which it is as good as none. */
const NOBODY = ['Endpoints', 'Entities', 'CIDR', 'CIDRSet', 'Nodes'] as const;
const ABSENT = ['Services', 'FQDNs', 'Groups'] as const;
type Field = (typeof NOBODY)[number] | 'Services' | 'FQDNs';

/** Where the agent finds the peers of a rule: in no field, or in one that it fills from Services only to allow. */
export function peersFieldOf(rule: unknown, side: Side, action: 'allow' | 'deny'): Field | 'nobody' | null {
  const prefix = side.scene.direction === 'ingress' ? 'from' : 'to';
  const listed = (name: string): readonly unknown[] => items(get(rule, `${prefix}${name}`));
  if (NOBODY.some((name) => has(rule, `${prefix}${name}`) && listed(name).length === 0)) return 'nobody';
  const field = [...NOBODY, ...ABSENT].find((name) => listed(name).length > 0);
  if (field === undefined || field === 'Groups') return null;
  if (field !== 'Services') return field;
  // CNP-83, CNP-84.
  const found = action === 'deny' ? [] : listed(field).flatMap((reference) => servicesOf(reference, side));
  const leadsSomewhere = found.some((service) => hasSelector(service) || addressesOf(service, side).length > 0);
  return leadsSomewhere ? field : null;
}

/** Whether the other side is one of a rule's peers. */
export function isPeer(rule: unknown, side: Side, action: 'allow' | 'deny'): boolean | 'unknown' {
  const prefix = side.scene.direction === 'ingress' ? 'from' : 'to';
  const field = peersFieldOf(rule, side, action);
  if (field === 'nobody') return false;
  if (field === null) return has(rule, 'toPorts') || has(rule, 'icmps');
  const peers = items(get(rule, `${prefix}${field}`));
  switch (field) {
    case 'Endpoints':
      return peers.some(
        (peer) =>
          inScope(peer, side.home, side.identity, side.scene.conventions) && selectsIdentity(peer, side.identity),
      );
    case 'Entities':
      return peers.some((name) => isEntity(str(name), side));
    case 'CIDR':
      return peers.some((cidr) => inBlock(str(cidr), [], side));
    case 'CIDRSet':
      return peers.some((block) => inBlockRule(block, side));
    case 'Nodes':
      return peers.some((selector) => isOtherNode(selector, side));
    case 'Services':
      return peers.some((service) => isBehindService(service, side));
    case 'FQDNs': {
      const found = peers.map((name) => isNamed(name, side));
      return found.includes(true) || (found.includes('unknown') ? 'unknown' : false);
    }
  }
}

/** Endpoint peers must also meet what `fromRequires` of any rule for the subject asks. */
export function meetsRequirements(requirements: readonly unknown[], side: Side): boolean {
  return requirements.every(
    (wanted) =>
      inScope(wanted, side.home, side.identity, side.scene.conventions, true) && selectsIdentity(wanted, side.identity),
  );
}
