import type { Collection, ObjectAnswer, ObjectView } from '#analysis';
import { diagnosticToBody, provenanceToBody } from '../rest/provenance.mapper.js';
import type { Body } from '../rest/schema-registry.js';
import type {
  LIST_BODIES,
  nodeBody,
  objectAnswerBody,
  objectBody,
  podBody,
  serviceBody,
  workloadBody,
} from './inventory.body.js';

export type ObjectBody = Body<typeof objectBody>;
export type PodBody = Body<typeof podBody>;
export type WorkloadBody = Body<typeof workloadBody>;
export type ServiceBody = Body<typeof serviceBody>;
export type NodeBody = Body<typeof nodeBody>;
export type ObjectAnswerBody = Body<typeof objectAnswerBody>;
export type ListBody<C extends Collection> = Body<(typeof LIST_BODIES)[C]>;

const NO_POD = {
  node: null,
  addresses: null,
  phase: null,
  ready: null,
  hostNetwork: null,
  serviceAccount: null,
  ports: null,
};
const NO_WORKLOAD = {
  replicas: null,
  readyReplicas: null,
  podLabels: null,
  hostNetwork: null,
  serviceAccount: null,
  ports: null,
};
const NO_SERVICE = {
  type: null,
  headless: null,
  clusterAddresses: null,
  externalAddresses: null,
  externalName: null,
  selector: null,
  ports: null,
};
const NO_NODE = { addresses: null, podCidrs: null, kubeletVersion: null, osImage: null, ready: null };

export function objectToBody(view: ObjectView): ObjectBody {
  return {
    kindId: view.kindId,
    group: view.group,
    version: view.version,
    kind: view.kind,
    namespace: view.namespace,
    name: view.name,
    uid: view.uid,
    labels: view.labels,
    annotations: view.annotations,
    owner: view.owner,
    createdAt: view.createdAt,
    deleting: view.deleting,
    rejected: view.rejected,
    diagnostics: view.diagnostics.map(diagnosticToBody),
  };
}

export function podToBody(view: ObjectView): PodBody {
  return { ...objectToBody(view), ...(view.pod ?? NO_POD) };
}

export function workloadToBody(view: ObjectView): WorkloadBody {
  return { ...objectToBody(view), ...(view.workload ?? NO_WORKLOAD) };
}

export function serviceToBody(view: ObjectView): ServiceBody {
  return { ...objectToBody(view), ...(view.service ?? NO_SERVICE) };
}

export function nodeToBody(view: ObjectView): NodeBody {
  return { ...objectToBody(view), ...(view.node ?? NO_NODE) };
}

export function objectAnswerToBody(answer: ObjectAnswer): ObjectAnswerBody {
  return {
    object: objectToBody(answer.object),
    raw: answer.raw,
    fact: answer.fact as unknown as ObjectAnswerBody['fact'],
    sinceSeq: answer.sinceSeq,
    ...provenanceToBody(answer),
  };
}
