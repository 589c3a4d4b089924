import type { ClusterRecord, CniAnswer, ProblemPage, ProblemView } from '#analysis';
import { pageToBody } from '../rest/page.mapper.js';
import { cniToBody, pickRef, provenanceToBody } from '../rest/provenance.mapper.js';
import type { Body } from '../rest/schema-registry.js';
import type { clusterBody, clusterCniBody, clusterListBody, clusterProblemsBody } from './cluster.body.js';

export type ClusterBody = Body<typeof clusterBody>;
export type ClusterListBody = Body<typeof clusterListBody>;
export type ClusterProblemsBody = Body<typeof clusterProblemsBody>;
export type ClusterCniBody = Body<typeof clusterCniBody>;

// A folder of a thousand broken files should not make every list of clusters a megabyte long.
const SHOWN_PROBLEMS = 10;

/** A cluster as JSON. */
export function clusterToBody(cluster: ClusterRecord): ClusterBody {
  return {
    id: cluster.id,
    name: cluster.name,
    source: cluster.source,
    paused: cluster.paused,
    state: cluster.state,
    message: cluster.message,
    problemCount: cluster.problems.length,
    problems: cluster.problems.slice(0, SHOWN_PROBLEMS),
    cni: cluster.cni === null ? null : cniToBody(cluster.cni),
    counts: cluster.counts,
    resyncRequestedAt: cluster.resyncRequestedAt?.toISOString() ?? null,
    lastSyncedAt: cluster.lastSyncedAt?.toISOString() ?? null,
    createdAt: cluster.createdAt.toISOString(),
    updatedAt: cluster.updatedAt.toISOString(),
  };
}

export function problemsToBody(page: ProblemPage, limit: number): ClusterProblemsBody {
  return { ...pageToBody(page, limit, problemToBody), total: page.total };
}

function problemToBody(problem: ProblemView): ClusterProblemsBody['items'][number] {
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

export function cniAnswerToBody(answer: CniAnswer): ClusterCniBody {
  return {
    cni: cniToBody(answer.cni),
    ignored: answer.ignored.map(ignoredToBody),
    ...fieldsToBody(answer),
    ...provenanceToBody(answer),
  };
}

// Thousands of policies are told as well by their number.
const SHOWN_POLICIES = 100;

/** What a CNI does not implement as it is written, bounded; REST and GraphQL say the same. */
export function fieldsToBody({
  lacking,
  deviations,
  features,
}: CniAnswer): Pick<ClusterCniBody, 'lacking' | 'lackingCount' | 'deviations' | 'features'> {
  return {
    features: [...features],
    lacking: lacking.slice(0, SHOWN_POLICIES).map((found) => ({ ...found, policy: pickRef(found.policy) })),
    lackingCount: lacking.length,
    deviations: deviations.map(({ subject, deviation, note, source, needs = '' }) => {
      return { subject, deviation, note, source, needs };
    }),
  };
}

/** Ignored policies of one kind, bounded; REST and GraphQL say the same. */
export function ignoredToBody(found: CniAnswer['ignored'][number]): ClusterCniBody['ignored'][number] {
  const { kind, support, why, needs, source, policies } = found;
  return {
    kind,
    support,
    why,
    needs,
    source,
    count: policies.length,
    policies: policies.slice(0, SHOWN_POLICIES).map(pickRef),
  };
}
