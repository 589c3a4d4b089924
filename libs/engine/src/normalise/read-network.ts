import { field, isObject, list, pointer, text, textMap } from '../base/index.js';
import type { Json } from '../base/index.js';
import { protocolByName, TCP } from '../model/index.js';
import type { EndpointSliceFact, NodeFact, ObjectMeta, Protocol, ServiceFact, ServicePort } from '../model/index.js';
import { canonicalIp, parseCidr } from '../net/index.js';
import { describe } from './problem-list.js';
import type { ProblemList } from './problem-list.js';

const SERVICE_TYPES: ReadonlySet<string> = new Set(['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName']);

function texts(value: unknown): string[] {
  return list(value).filter((entry): entry is string => typeof entry === 'string' && entry !== '');
}

function addresses(values: readonly string[]): string[] {
  return [...new Set(values.map(canonicalIp).filter((ip): ip is string => ip !== null))];
}

function readProtocol(value: unknown, at: string, problems: ProblemList): Protocol {
  if (value === undefined) return TCP;
  const protocol = typeof value === 'string' ? protocolByName(value) : null;
  if (protocol === null) {
    problems.error('service.protocol', at, `expected TCP, UDP or SCTP, found ${describe(value)}`);
    return TCP;
  }
  return protocol;
}

export function readNode(raw: Json, meta: ObjectMeta): NodeFact {
  const status = field(raw, 'status');
  const info = field(status, 'nodeInfo');
  const spec = field(raw, 'spec');
  const found: { type: string; address: string }[] = [];
  for (const entry of list(field(status, 'addresses'))) {
    const address = text(field(entry, 'address'));
    if (address !== '') found.push({ type: text(field(entry, 'type')), address: canonicalIp(address) ?? address });
  }
  for (const address of hostAddresses(meta)) {
    if (!found.some((known) => known.address === address)) found.push({ type: 'HostCIDR', address });
  }
  const podCidrs = texts(field(spec, 'podCIDRs'));
  const single = text(field(spec, 'podCIDR'));
  const ready = list(field(status, 'conditions')).find((condition) => field(condition, 'type') === 'Ready');
  return {
    type: 'node',
    meta,
    addresses: found,
    podCidrs: podCidrs.length > 0 || single === '' ? podCidrs : [single],
    kubeletVersion: text(field(info, 'kubeletVersion')),
    osImage: text(field(info, 'osImage')),
    providerId: text(field(spec, 'providerID')),
    ready: ready === undefined ? true : field(ready, 'status') === 'True',
  };
}

/** The annotation that OVN-Kubernetes writes on the nodes that it runs. */
export const HOST_CIDRS = 'k8s.ovn.org/host-cidrs';

/** The addresses of all interfaces of a node as OVN-Kubernetes lists them: a JSON list of them with their prefixes. (EF-7) */
function hostAddresses({ annotations }: ObjectMeta): readonly string[] {
  let blocks: unknown;
  try {
    blocks = JSON.parse(annotations[HOST_CIDRS] ?? '[]');
  } catch {
    return [];
  }
  return texts(blocks)
    .map((block) => canonicalIp(block.replace(/\/.*/, '')))
    .filter((ip) => ip !== null);
}

export function readService(raw: Json, meta: ObjectMeta, problems: ProblemList): ServiceFact {
  const spec = field(raw, 'spec');
  const typeText = text(field(spec, 'type')) || 'ClusterIP';
  if (!SERVICE_TYPES.has(typeText)) {
    problems.error('service.type', '/spec/type', `expected ${[...SERVICE_TYPES].join(', ')}, found \`${typeText}\``);
  }
  const clusterIps = [...texts(field(spec, 'clusterIPs')), text(field(spec, 'clusterIP'))];
  const selector = field(spec, 'selector');
  const balancer = list(field(field(field(raw, 'status'), 'loadBalancer'), 'ingress'));
  const hosts = balancer.map((entry) => text(field(entry, 'hostname'))).filter(Boolean);
  const listed = texts(field(spec, 'loadBalancerSourceRanges'));
  const ranges = (listed.length > 0 ? listed : annotatedRanges(meta)).filter((range) => parseCidr(range) !== null);
  return {
    type: 'service',
    meta,
    serviceType: SERVICE_TYPES.has(typeText) ? (typeText as ServiceFact['serviceType']) : 'ClusterIP',
    headless: clusterIps.includes('None'),
    clusterIps: addresses(clusterIps),
    externalIps: addresses(texts(field(spec, 'externalIPs'))),
    loadBalancerIps: addresses(balancer.map((entry) => text(field(entry, 'ip')))),
    ...(hosts.length > 0 && { loadBalancerHosts: hosts }),
    ...(ranges.length > 0 && { sourceRanges: ranges }),
    externalName: text(field(spec, 'externalName')),
    selector: isObject(selector) && Object.keys(selector).length > 0 ? textMap(selector) : null,
    ports: readServicePorts(field(spec, 'ports'), problems),
    externalTrafficPolicy: field(spec, 'externalTrafficPolicy') === 'Local' ? 'Local' : 'Cluster',
    internalTrafficPolicy: field(spec, 'internalTrafficPolicy') === 'Local' ? 'Local' : 'Cluster',
    publishNotReady: field(spec, 'publishNotReadyAddresses') === true,
  };
}

/** Cloud providers read the annotation where the field is empty (kubernetes/cloud-provider service/helpers). */
function annotatedRanges({ annotations }: ObjectMeta): readonly string[] {
  const listed = annotations['service.beta.kubernetes.io/load-balancer-source-ranges'] ?? '';
  return listed.split(',').map((range) => range.trim());
}

function readServicePorts(value: unknown, problems: ProblemList): ServicePort[] {
  const out: ServicePort[] = [];
  for (const [index, entry] of list(value).entries()) {
    const at = pointer('/spec/ports', index);
    const port = field(entry, 'port');
    if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65535) {
      problems.error('service.port', pointer(at, 'port'), `expected a port from 1 to 65535, found ${describe(port)}`);
      continue;
    }
    const target = field(entry, 'targetPort');
    const nodePort = field(entry, 'nodePort');
    const appProtocol = text(field(entry, 'appProtocol'));
    out.push({
      name: text(field(entry, 'name')),
      port,
      protocol: readProtocol(field(entry, 'protocol'), pointer(at, 'protocol'), problems),
      targetPort: readTargetPort(target),
      nodePort: typeof nodePort === 'number' ? nodePort : 0,
      ...(appProtocol === '' ? {} : { appProtocol }),
    });
  }
  return out;
}

/** `0` and '' mean "same as port"; text digits are a number, as Kubernetes reads an IntOrString. */
function readTargetPort(value: Json | undefined): number | string | null {
  if (typeof value === 'number') return value === 0 ? null : value;
  if (typeof value !== 'string' || value === '') return null;
  return /^\d+$/.test(value) ? Number(value) : value;
}

export function readEndpointSlice(raw: Json, meta: ObjectMeta, problems: ProblemList): EndpointSliceFact {
  const ports: { name: string; port: number; protocol: Protocol }[] = [];
  for (const [index, entry] of list(field(raw, 'ports')).entries()) {
    const port = field(entry, 'port');
    if (typeof port !== 'number') continue;
    const protocol = readProtocol(field(entry, 'protocol'), pointer('/ports', index, 'protocol'), problems);
    ports.push({ name: text(field(entry, 'name')), port, protocol });
  }
  const type = text(field(raw, 'addressType'));
  return {
    type: 'endpointslice',
    meta,
    service: meta.labels['kubernetes.io/service-name'] ?? '',
    addressType: type === 'IPv6' || type === 'FQDN' ? type : 'IPv4',
    ports,
    endpoints: list(field(raw, 'endpoints')).map((entry) => {
      const target = field(entry, 'targetRef');
      const found = texts(field(entry, 'addresses'));
      const conditions = field(entry, 'conditions');
      // A missing condition reads as ready and serving (discovery/v1 EndpointConditions).
      const ready = field(conditions, 'ready') !== false;
      const draining = !ready && field(conditions, 'serving') !== false && field(conditions, 'terminating') === true;
      return {
        addresses: type === 'FQDN' ? found : addresses(found),
        ready,
        ...(draining && { draining }),
        node: text(field(entry, 'nodeName')),
        pod: field(target, 'kind') === 'Pod' ? text(field(target, 'name')) : '',
      };
    }),
  };
}
