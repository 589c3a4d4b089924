import type { Collection, ObjectAnswer, ObjectView, PortView } from '#analysis';
import { objectNodeId } from '../graphql/node-id.js';
import { toAnswer, toDiagnostic, toLabels } from '../graphql/shared.mapper.js';
import type {
  ClusterNodeModel,
  ContainerPortModel,
  KubernetesObjectModel,
  NamespaceModel,
  ObjectDetailModel,
  OtherObjectModel,
  PodModel,
  PolicyModel,
  ServiceModel,
  WorkloadModel,
} from './dto/kubernetes-object.model.js';
import type { Shape } from '../graphql/model/shape.js';

type Header = Omit<Shape<KubernetesObjectModel>, '__typename'>;

function toHeader(view: ObjectView, clusterId: string): Header {
  return {
    id: objectNodeId(clusterId, view),
    clusterId,
    kindId: view.kindId,
    group: view.group,
    version: view.version,
    kind: view.kind,
    namespace: view.namespace,
    name: view.name,
    uid: view.uid,
    labels: toLabels(view.labels),
    annotations: toLabels(view.annotations),
    owner: view.owner,
    createdAt: view.createdAt,
    deleting: view.deleting,
    rejected: view.rejected,
    diagnostics: view.diagnostics.map(toDiagnostic),
  };
}

export function toPolicy(view: ObjectView, clusterId: string): Shape<PolicyModel> {
  return { __typename: 'Policy', ...toHeader(view, clusterId) };
}

export function toNamespace(view: ObjectView, clusterId: string): Shape<NamespaceModel> {
  return { __typename: 'Namespace', ...toHeader(view, clusterId) };
}

function toOther(view: ObjectView, clusterId: string): Shape<OtherObjectModel> {
  return { __typename: 'OtherObject', ...toHeader(view, clusterId) };
}

export function toPod(view: ObjectView, clusterId: string): Shape<PodModel> {
  const pod = view.pod;
  return {
    __typename: 'Pod',
    ...toHeader(view, clusterId),
    node: pod?.node ?? null,
    addresses: pod?.addresses ?? null,
    phase: pod?.phase ?? null,
    ready: pod?.ready ?? null,
    hostNetwork: pod?.hostNetwork ?? null,
    serviceAccount: pod?.serviceAccount ?? null,
    ports: pod?.ports.map(toContainerPort) ?? null,
  };
}

export function toWorkload(view: ObjectView, clusterId: string): Shape<WorkloadModel> {
  const workload = view.workload;
  return {
    __typename: 'Workload',
    ...toHeader(view, clusterId),
    replicas: workload?.replicas ?? null,
    readyReplicas: workload?.readyReplicas ?? null,
    podLabels: workload === null ? null : toLabels(workload.podLabels),
    hostNetwork: workload?.hostNetwork ?? null,
    serviceAccount: workload?.serviceAccount ?? null,
    ports: workload?.ports.map(toContainerPort) ?? null,
  };
}

export function toService(view: ObjectView, clusterId: string): Shape<ServiceModel> {
  const service = view.service;
  const selector = service?.selector ?? null;
  return {
    __typename: 'Service',
    ...toHeader(view, clusterId),
    type: service?.type ?? null,
    headless: service?.headless ?? null,
    clusterAddresses: service?.clusterAddresses ?? null,
    externalAddresses: service?.externalAddresses ?? null,
    externalName: service?.externalName ?? null,
    selector: selector === null ? null : toLabels(selector),
    ports: service?.ports ?? null,
  };
}

export function toClusterNode(view: ObjectView, clusterId: string): Shape<ClusterNodeModel> {
  const node = view.node;
  return {
    __typename: 'ClusterNode',
    ...toHeader(view, clusterId),
    addresses: node?.addresses ?? null,
    podCidrs: node?.podCidrs ?? null,
    kubeletVersion: node?.kubeletVersion ?? null,
    osImage: node?.osImage ?? null,
    ready: node?.ready ?? null,
  };
}

function toContainerPort(port: PortView): Shape<ContainerPortModel> {
  return { name: port.name, port: port.port, protocol: port.protocol, hostPort: port.hostPort };
}

const BY_COLLECTION: Readonly<
  Record<Collection, (view: ObjectView, clusterId: string) => Shape<KubernetesObjectModel>>
> = {
  policies: toPolicy,
  namespaces: toNamespace,
  pods: toPod,
  workloads: toWorkload,
  services: toService,
  nodes: toClusterNode,
  objects: toOther,
};

/** An object as the type of the collection that its kind belongs to. */
export function toKubernetesObject(
  view: ObjectView,
  collection: Collection,
  clusterId: string,
): Shape<KubernetesObjectModel> {
  return BY_COLLECTION[collection](view, clusterId);
}

export function toObjectDetail(answer: ObjectAnswer, collection: Collection): Shape<ObjectDetailModel> {
  return {
    __typename: 'ObjectDetail',
    object: toKubernetesObject(answer.object, collection, answer.asOf.clusterId),
    raw: answer.raw,
    fact: answer.fact,
    sinceSeq: answer.sinceSeq,
    ...toAnswer(answer),
  };
}
