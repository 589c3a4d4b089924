import {
  endpointOfAddress,
  evaluatePair,
  hostNameEndpoint,
  pairFamilies,
  protocolByName,
  type CompiledSnapshot,
  type DirectionDecision,
  type Endpoint,
  type Flow,
  type FlowDecision,
  type ServiceFact,
} from '#engine';

import type { DirectionFinding, Finding, Probe, SystemUnderTest } from './system-under-test.js';

const NAMED = /^(?:(.+)\/)?([^[\]/]+)\[(\w+)\]$/;
const SERVICE = /^([^.]+)\.([^.]+)\.svc\.cluster\.local$/;

/** The endpoints that a peer of a corpus stands for, by name, address or host name. */
export function resolvePeer(snapshot: CompiledSnapshot, peer: string): readonly Endpoint[] {
  const named = NAMED.exec(peer);
  if (named !== null) return namedEndpoints(snapshot, named[1] ?? '', named[2] ?? '', named[3] ?? '');
  const service = SERVICE.exec(peer);
  if (service !== null) return serviceBackends(snapshot, service[2] ?? '', service[1] ?? '');
  const address = endpointOfAddress(snapshot.directory, peer);
  if (address !== null) return clusterIpBackends(snapshot, peer) ?? [address];
  const plain = /^([^/]+)\/([^/]+)$/.exec(peer);
  if (plain !== null) return plainEndpoints(snapshot, plain[1] ?? '', plain[2] ?? '');
  return [hostNameEndpoint(peer)];
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

/** A Service is the pods behind it. */
function serviceBackends(snapshot: CompiledSnapshot, namespace: string, name: string): readonly Endpoint[] {
  const selector = snapshot.index.services.get(`${namespace}/${name}`)?.selector ?? null;
  if (selector === null) return [];
  return snapshot.directory
    .namespace(namespace)
    .filter((endpoint) => Object.entries(selector).every(([key, value]) => endpoint.labels[key] === value));
}

function clusterIpBackends(snapshot: CompiledSnapshot, address: string): readonly Endpoint[] | null {
  const service = serviceAt(snapshot, address);
  return service === null ? null : serviceBackends(snapshot, service.meta.namespace, service.meta.name);
}

function serviceAt(snapshot: CompiledSnapshot, address: string): ServiceFact | null {
  for (const service of snapshot.index.services.values()) if (service.clusterIps.includes(address)) return service;
  return null;
}

/** A probe as the engine's flow. ICMP is that of the family. */
export function flowOf(probe: Probe, family: 4 | 6 | null): Flow {
  const name = probe.protocol === 'ICMP' && family === 6 ? 'ICMPv6' : probe.protocol;
  const protocol = protocolByName(name);
  if (protocol === null) throw new Error(`unknown protocol \`${probe.protocol}\``);
  return {
    protocol,
    port: probe.port,
    family,
    ...(probe.icmp === undefined ? {} : { icmp: probe.icmp }),
    ...(probe.sourcePort === undefined ? {} : { sourcePort: probe.sourcePort }),
    ...(probe.service === undefined ? {} : { service: probe.service }),
    ...requestOf(probe),
  };
}

/** A request over TLS has both: the server name, and what is asked inside. */
function requestOf({ http, sni }: Probe): Pick<Flow, 'l7'> {
  if (http === undefined && sni === undefined) return {};
  const fields = sni === undefined ? {} : { fields: { sni } };
  return { l7: http === undefined ? { protocol: 'tls', ...fields } : { protocol: 'http', ...http, ...fields } };
}

/** The engine's intended reading behind the runner's interface. */
export function engineSystem(snapshot: CompiledSnapshot): SystemUnderTest<Endpoint> {
  return {
    resolve: (peer) => resolvePeer(snapshot, peer),
    serviceOf: (peer) => {
      const service = serviceAt(snapshot, peer);
      return service === null ? null : `${service.meta.namespace}/${service.meta.name}`;
    },
    evaluate(source, destination, probe) {
      const family = pairFamilies(source, destination)[0] ?? null;
      const flow = flowOf(probe, family);
      const decision = evaluatePair(snapshot, source, destination, flow, 'intended');
      const bare: Flow = {
        protocol: flow.protocol,
        port: flow.port,
        family,
        ...(flow.icmp === undefined ? {} : { icmp: flow.icmp }),
      };
      const requestDenied =
        decision.verdict === 'deny' &&
        flow.l7 !== undefined &&
        evaluatePair(snapshot, source, destination, bare, 'intended').verdict === 'allow';
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
    explained: true,
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
