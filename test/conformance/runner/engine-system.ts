import {
  addressPeers,
  behindAlias,
  endpointOfAddress,
  evaluatePair,
  hostNameEndpoint,
  isWithin,
  pairFamilies,
  objectLabel,
  protocolByName,
  serviceMembers,
  translateService,
  type CompiledSnapshot,
  type DirectionDecision,
  type Endpoint,
  type Flow,
  type FlowDecision,
  type IpRange,
  type Protocol,
  type ServiceFact,
} from '#engine';

import { readAddressRanges } from './address-text.js';
import type { Destination, DirectionFinding, Finding, Probe, SystemUnderTest } from './system-under-test.js';

const NAMED = /^(?:(.+)\/)?([^[\]/]+)\[(\w+)\]$/;
const SERVICE = /^([^.]+)\.([^.]+)\.svc\.cluster\.local$/;

/** The endpoints that a peer of a corpus stands for, by name, address or host name. */
export function resolvePeer(snapshot: CompiledSnapshot, peer: string): readonly Endpoint[] {
  const named = NAMED.exec(peer);
  if (named !== null) return namedEndpoints(snapshot, named[1] ?? '', named[2] ?? '', named[3] ?? '');
  const address = endpointOfAddress(snapshot.directory, peer);
  if (address !== null) return [address];
  const service = serviceNamed(snapshot, peer);
  if (service !== null) return serviceMembers(snapshot, behindAlias(snapshot, service) ?? service);
  const ranges = readAddressRanges(peer);
  if (ranges !== null) return addressEndpoints(snapshot, ranges);
  const plain = /^([^/]+)\/([^/]+)$/.exec(peer);
  if (plain !== null) return plainEndpoints(snapshot, plain[1] ?? '', plain[2] ?? '');
  return [hostNameEndpoint(peer)];
}

/** One address of every piece of the ranges that policies tell apart. */
export function addressEndpoints(snapshot: CompiledSnapshot, ranges: readonly IpRange[]): readonly Endpoint[] {
  const families = [...new Set(ranges.map(({ family }) => family))];
  return families
    .flatMap((family) => addressPeers([snapshot], 'intended', family, ranges))
    .filter((peer) => peer.type === 'addresses' && ranges.some((range) => isWithin(peer.range, range)))
    .flatMap((peer) => peer.endpoints);
}

function namedEndpoints(
  snapshot: CompiledSnapshot,
  namespace: string,
  name: string,
  kind: string,
): readonly Endpoint[] {
  if (kind === 'HostEndpoint')
    return snapshot.endpoints.filter((endpoint) => endpoint.kind === 'node' && endpoint.name === name);
  const pod = snapshot.directory.pod(namespace, name);
  if (kind === 'Pod' || kind === 'WorkloadEndpoint') return pod === null ? [] : [pod];
  return snapshot.directory.workload(namespace, kind, name);
}

/** A name alone is a pod, or the pods of a workload. */
function plainEndpoints(snapshot: CompiledSnapshot, namespace: string, name: string): readonly Endpoint[] {
  const pod = snapshot.directory.pod(namespace, name);
  return pod === null ? snapshot.directory.workload(namespace, '', name) : [pod];
}

function serviceNamed({ index }: CompiledSnapshot, peer: string): ServiceFact | null {
  const named = SERVICE.exec(peer);
  return named === null ? null : (index.services.get(`${named[2]}/${named[1]}`) ?? null);
}

/** A Service and the port of it that a probe uses. */
interface ServiceUse {
  readonly service: ServiceFact;
  readonly port: number | null;
}

/** The Service that a peer names: by its DNS name, an address of its own, or a node's with the port that it opens there. */
function serviceUse(snapshot: CompiledSnapshot, peer: string, { port, protocol }: Probe): ServiceUse | null {
  const named = serviceNamed(snapshot, peer);
  if (named !== null) return { service: named, port };
  const atNode = endpointOfAddress(snapshot.directory, peer)?.kind === 'node' && port !== null;
  for (const service of snapshot.index.services.values()) {
    const { clusterIps, externalIps, loadBalancerIps } = service;
    if ([...clusterIps, ...externalIps, ...loadBalancerIps].includes(peer)) return { service, port };
    if (!atNode) continue;
    const opened = service.ports.find((own) => own.nodePort === port && own.protocol === protocolOf(protocol));
    if (opened !== undefined) return { service, port: opened.port };
  }
  return null;
}

/** Where a probe ends: a Service stands for its backends with their ports. */
function destinationsOf(snapshot: CompiledSnapshot, peer: string, probe: Probe): Destination<Endpoint>[] {
  const use = serviceUse(snapshot, peer, probe);
  if (use === null) return resolvePeer(snapshot, peer).map((endpoint) => ({ endpoint, probe }));
  const { service, port: asked } = use;
  const own = asked === null ? {} : { servicePort: asked };
  const through = service.headless ? {} : { service: objectLabel(service.meta), ...own };
  const translation = translateService(snapshot, service, protocolOf(probe.protocol), asked);
  if (translation.type !== 'backends') return [];
  return translation.backends.map(({ endpoint, port }) => ({ endpoint, probe: { ...probe, ...through, port } }));
}

function protocolOf(name: string): Protocol {
  const protocol = /^\d+$/.test(name) ? Number(name) : protocolByName(name);
  if (protocol === null) throw new Error(`unknown protocol \`${name}\``);
  return protocol;
}

/** A probe as the engine's flow. ICMP is that of the family, and a ping unless its type is stated. */
export function flowOf(probe: Probe, family: 4 | 6 | null): Flow {
  const overIpv6 = family === 6;
  const isIcmp = probe.protocol === 'ICMP';
  return {
    protocol: protocolOf(isIcmp && overIpv6 ? 'ICMPv6' : probe.protocol),
    port: isIcmp ? null : probe.port,
    family,
    ...(isIcmp ? { icmp: probe.icmp ?? { type: overIpv6 ? 128 : 8, code: 0 } } : {}),
    ...(probe.sourcePort === undefined ? {} : { sourcePort: probe.sourcePort }),
    ...(probe.service === undefined ? {} : { service: probe.service }),
    ...(probe.servicePort === undefined ? {} : { servicePort: probe.servicePort }),
    ...requestOf(probe),
  };
}

/** A request over TLS has both: the server name, and what is asked inside. */
function requestOf({ http, sni }: Probe): Pick<Flow, 'l7'> {
  if (http === undefined && sni === undefined) return {};
  const fields = sni === undefined ? {} : { fields: { sni } };
  return { l7: http === undefined ? { protocol: 'tls', ...fields } : { protocol: 'http', ...http, ...fields } };
}

/** The engine behind the runner's interface. */
export function engineSystem(snapshot: CompiledSnapshot): SystemUnderTest<Endpoint> {
  return {
    resolve: (peer) => resolvePeer(snapshot, peer),
    destinations: (peer, probe) => destinationsOf(snapshot, peer, probe),
    evaluate(source, destination, probe) {
      const family = pairFamilies(source, destination)[0] ?? null;
      const flow = flowOf(probe, family);
      const reading = probe.reading ?? 'intended';
      const decision = evaluatePair(snapshot, source, destination, flow, reading);
      const bare: Flow = {
        protocol: flow.protocol,
        port: flow.port,
        family,
        ...(flow.icmp === undefined ? {} : { icmp: flow.icmp }),
      };
      const requestDenied =
        decision.verdict === 'deny' &&
        flow.l7 !== undefined &&
        evaluatePair(snapshot, source, destination, bare, reading).verdict === 'allow';
      return findingOf(decision, requestDenied);
    },
  };
}

function findingOf(decision: FlowDecision, requestDenied: boolean): Finding {
  return {
    verdict: decision.verdict,
    egress: sideOf(decision.egress),
    ingress: sideOf(decision.ingress),
    requestDenied,
    summary: [decision.egress, decision.ingress].map(describe).join('; '),
  };
}

function sideOf(decision: DirectionDecision): DirectionFinding {
  return {
    verdict: decision.verdict,
    isolated: decision.reason === 'isolated-no-rule-matched' || decision.reason === 'default-deny',
    ...refusalOf(decision),
    rules: decision.determining.map((rule) => ({
      kind: rule.policy.kind,
      namespace: rule.policy.namespace,
      name: rule.policy.name,
      index: rule.index,
      ruleName: rule.name,
    })),
  };
}

function refusalOf(decision: DirectionDecision): Pick<DirectionFinding, 'refusal'> {
  const refusal = decision.verdict === 'deny' ? decision.determining[0]?.refusal : undefined;
  return refusal === undefined ? {} : { refusal };
}

function describe(decision: DirectionDecision): string {
  const rules = decision.determining.map((rule) => `${rule.policy.name}${rule.index < 0 ? '' : `#${rule.index}`}`);
  return `${decision.direction} ${decision.verdict}: ${decision.reason}${rules.length === 0 ? '' : ` by ${rules.join(', ')}`}`;
}
