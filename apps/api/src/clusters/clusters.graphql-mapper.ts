import type { ClusterRecord, CniAnswer, ProblemView } from '#analysis';
import { clusterNodeId } from '../graphql/node-id.js';
import { toAnswer, toCni } from '../graphql/shared.mapper.js';
import { fieldsToBody, ignoredToBody } from './clusters.mapper.js';
import type { CniReportModel } from './dto/cni-report.model.js';
import type { ClusterModel, ClusterProblemModel, ClusterSourceModel } from './dto/cluster.model.js';
import type { Shape } from '../graphql/model/shape.js';

/** A cluster as GraphQL shows it. */
export function toClusterModel(cluster: ClusterRecord): Shape<ClusterModel> {
  return {
    __typename: 'Cluster',
    id: clusterNodeId(cluster.id),
    clusterId: cluster.id,
    name: cluster.name,
    source: toSource(cluster.source),
    paused: cluster.paused,
    state: cluster.state,
    message: cluster.message,
    problemCount: cluster.problems.length,
    cni: cluster.cni === null ? null : toCni(cluster.cni),
    counts: Object.entries(cluster.counts).map(([kind, count]) => ({ kind, count })),
    resyncRequestedAt: cluster.resyncRequestedAt,
    lastSyncedAt: cluster.lastSyncedAt,
    createdAt: cluster.createdAt,
    updatedAt: cluster.updatedAt,
  };
}

function toSource(source: ClusterRecord['source']): Shape<ClusterSourceModel> {
  return {
    type: source.type,
    path: 'path' in source ? source.path : null,
    context: source.type === 'kubeconfig' ? source.context : null,
    inline: source.type === 'kubeconfig' && source.inline,
  };
}

export function toCniReport(answer: CniAnswer): Shape<CniReportModel> {
  return {
    __typename: 'CniReport',
    ...toAnswer(answer),
    cni: toCni(answer.cni),
    ignored: answer.ignored.map(ignoredToBody),
    ...fieldsToBody(answer),
  };
}

export function toProblemModel(problem: ProblemView): Shape<ClusterProblemModel> {
  return {
    origin: problem.origin,
    class: problem.class,
    code: problem.code,
    message: problem.message,
    file: problem.file ?? null,
    document: problem.document ?? null,
    line: problem.line ?? null,
    object: problem.object ?? null,
    pointer: problem.pointer ?? null,
  };
}
