import type { JsonObject } from '../base/index.js';
import type { Diagnostic } from './diagnostic.js';
import type { Labels, ObjectMeta } from './object.js';

/** IP protocol number: 6 TCP, 17 UDP, 132 SCTP, 1 ICMP, 58 ICMPv6. */
export type Protocol = number;

/** A port that a container declares. Informational for reachability; names matter. */
export interface ContainerPort {
  readonly name: string;
  readonly port: number;
  readonly protocol: Protocol;
  /** 0 when none. */
  readonly hostPort: number;
  /** The address of the host that it is open at; absent for all. */
  readonly hostIp?: string;
  /** Of a container that ends before the pod serves. */
  readonly init: boolean;
  /** Of an init container that goes on; absent for all others. */
  readonly sidecar?: true;
}

export interface ContainerFact {
  readonly name: string;
  readonly image: string;
  readonly role: 'main' | 'init' | 'sidecar' | 'ephemeral';
  readonly args: readonly string[];
  /** Literal values of variables on a short list (CNI switches); never values from Secrets. */
  readonly env: Labels;
  /** What lets it change the network: `privileged`, and of its added capabilities those that do. Absent for nothing. */
  readonly elevated?: readonly string[];
}

/** What a pod and a workload's pod template have in common. */
export interface PodShape {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly serviceAccount: string;
  /** Whether it asks for a token of the API server, or for none; absent: as its service account says. */
  readonly apiToken?: boolean;
  readonly hostNetwork: boolean;
  readonly ports: readonly ContainerPort[];
  readonly containers: readonly ContainerFact[];
}

export interface NamespaceFact {
  readonly type: 'namespace';
  readonly meta: ObjectMeta;
}

export type PodPhase = 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';

export interface PodFact {
  readonly type: 'pod';
  readonly meta: ObjectMeta;
  readonly shape: PodShape;
  readonly node: string;
  readonly hostIps: readonly string[];
  /** Canonical text, IPv4 and IPv6, in the order of `status.podIPs`. */
  readonly ips: readonly string[];
  readonly phase: PodPhase;
  readonly ready: boolean;
}

export interface WorkloadFact {
  readonly type: 'workload';
  readonly meta: ObjectMeta;
  /** Pods wanted; for a DaemonSet the number scheduled, null when unknown. */
  readonly replicas: number | null;
  readonly readyReplicas: number | null;
  readonly template: PodShape;
}

export interface NodeFact {
  readonly type: 'node';
  readonly meta: ObjectMeta;
  readonly addresses: readonly { readonly type: string; readonly address: string }[];
  readonly podCidrs: readonly string[];
  readonly kubeletVersion: string;
  readonly osImage: string;
  readonly providerId: string;
  readonly ready: boolean;
}

export interface ServicePort {
  readonly name: string;
  readonly port: number;
  readonly protocol: Protocol;
  /** A number, a container port's name, or null (same as `port`). */
  readonly targetPort: number | string | null;
  readonly nodePort: number;
  /** What is spoken there, where the Service says so in a field of its own; absent for none. */
  readonly appProtocol?: string;
}

export interface ServiceFact {
  readonly type: 'service';
  readonly meta: ObjectMeta;
  readonly serviceType: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName';
  readonly headless: boolean;
  readonly clusterIps: readonly string[];
  readonly externalIps: readonly string[];
  readonly loadBalancerIps: readonly string[];
  /** Names of a load balancer that has no fixed address; absent for none. */
  readonly loadBalancerHosts?: readonly string[];
  /** The only clients that its load balancer takes; absent for any. */
  readonly sourceRanges?: readonly string[];
  readonly externalName: string;
  /** null when the Service has no selector (its endpoints are set by hand). */
  readonly selector: Labels | null;
  readonly ports: readonly ServicePort[];
  readonly externalTrafficPolicy: 'Cluster' | 'Local';
  readonly internalTrafficPolicy: 'Cluster' | 'Local';
  readonly publishNotReady: boolean;
}

export interface SliceEndpoint {
  readonly addresses: readonly string[];
  readonly ready: boolean;
  /** Present when it is going away and still serves: proxies send to it where nobody is ready. */
  readonly draining?: true;
  readonly node: string;
  /** Name of the pod behind the address, '' when it is not a pod. */
  readonly pod: string;
}

export interface EndpointSliceFact {
  readonly type: 'endpointslice';
  readonly meta: ObjectMeta;
  readonly service: string;
  readonly addressType: 'IPv4' | 'IPv6' | 'FQDN';
  readonly ports: readonly { readonly name: string; readonly port: number; readonly protocol: Protocol }[];
  readonly endpoints: readonly SliceEndpoint[];
}

export interface ServiceAccountFact {
  readonly type: 'serviceaccount';
  readonly meta: ObjectMeta;
  /** Present when its pods get no token of the API server unless they ask for one. */
  readonly apiToken?: false;
}

/** A policy object of any kind. Kept raw: its frontend in `kinds/` parses it when a snapshot is compiled. */
export interface PolicyFact {
  readonly type: 'policy';
  readonly meta: ObjectMeta;
  /** `spec`, `specs` and status conditions; nothing else is kept. */
  readonly raw: JsonObject;
}

/** An object that some policy kind or CNI detector needs: tiers, network sets, groups, CNI settings, routes. */
export interface AuxFact {
  readonly type: 'aux';
  readonly meta: ObjectMeta;
  readonly raw: JsonObject;
}

/** An object that could not be read. Kept with its reasons, so that nothing vanishes. */
export interface RejectedFact {
  readonly type: 'rejected';
  readonly meta: ObjectMeta;
  readonly diagnostics: readonly Diagnostic[];
}

/** One normalised object of a cluster. */
export type Fact =
  | NamespaceFact
  | PodFact
  | WorkloadFact
  | NodeFact
  | ServiceFact
  | EndpointSliceFact
  | ServiceAccountFact
  | PolicyFact
  | AuxFact
  | RejectedFact;
