import { NO_LABELS } from '../model/index.js';
import type { ContainerPort, EndpointKind, Labels } from '../model/index.js';
import type { Ip } from '../net/index.js';
import { namespaceNumber } from './namespace-memo.js';

export interface WorkloadRef {
  readonly kind: string;
  readonly name: string;
}

/**
 * Something with an address that policy can select or name. A pod template without pods is an endpoint without
 * addresses; a host name outside the cluster is an `external` endpoint whose addresses are not known.
 */
export interface Endpoint {
  // What every question reads stands first, so that it lies together in memory.
  readonly kind: EndpointKind;
  /** The family of all its addresses where it is known to be one; null says to look at them. */
  readonly family: 4 | 6 | null;
  /** '' for nodes and external endpoints. */
  readonly namespace: string;
  /** `namespaceNumber` of the namespace that it was made in; a copy that is put into another one keeps it. */
  readonly namespaceNumber: number;
  /** Name of the node it runs on (or is); '' when not known. */
  readonly node: string;
  readonly labels: Labels;
  readonly namespaceLabels: Labels;
  readonly name: string;
  readonly serviceAccount: string;
  readonly serviceAccountLabels: Labels;
  readonly nodeLabels: Labels;
  readonly ips: readonly Ip[];
  readonly ports: readonly ContainerPort[];
  readonly workload: WorkloadRef | null;
  readonly hostName: string;
  /** Members of `special` groups this endpoint belongs to. */
  readonly special: readonly string[];
  /** Not an object of the cluster: a template without pods, or a pod that a question made up. */
  readonly hypothetical: boolean;
  /** It has passed readiness, so that Services send to it. */
  readonly ready: boolean;
}

/** Nodes, and pods that share the network of theirs. */
export const isHost = ({ kind }: Endpoint): boolean => kind === 'node' || kind === 'hostpod';

/** What comes after the pods in the endpoints of a snapshot. */
export const isNoPod = ({ kind, hypothetical }: Endpoint): boolean => kind === 'node' || hypothetical;

/** An endpoint with nothing known, for builders to fill in. */
export const BLANK_ENDPOINT: Endpoint = {
  kind: 'external',
  family: null,
  namespace: '',
  namespaceNumber: namespaceNumber(''),
  node: '',
  labels: NO_LABELS,
  namespaceLabels: NO_LABELS,
  name: '',
  serviceAccount: '',
  serviceAccountLabels: NO_LABELS,
  nodeLabels: NO_LABELS,
  ips: [],
  ports: [],
  workload: null,
  hostName: '',
  special: [],
  hypothetical: false,
  ready: true,
};

/**
 * Stands for a pod of which nothing is known, neither its namespace nor its labels: rules that choose peers by these may
 * or may not choose it. What it sends is judged as of a pod without labels in a namespace that nobody has named.
 */
export const SOME_POD: Endpoint = { ...BLANK_ENDPOINT, kind: 'pod', name: 'some-pod', hypothetical: true };
