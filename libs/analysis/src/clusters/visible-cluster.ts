import { currentAccess, type NamespaceScope } from '#access';
import { AppError, type ClusterProblem } from '#contracts';
import { visibleCni } from '#engine';
import type { ClusterRecord, SnapshotRepository } from '#store';
import { scopeAt } from '../snapshot/scope-at.js';

/** A cluster as the caller may know it: counts, problems and evidence of what it does not see are left out. */
export async function visibleCluster(cluster: ClusterRecord, snapshots: SnapshotRepository): Promise<ClusterRecord> {
  const scope = currentAccess().namespacesOf(cluster);
  if (scope.isWhole) return cluster;
  const latest = await snapshots.latest(cluster.id);
  const seen = latest === null ? scope : await scopeAt(snapshots, scope, cluster.id, latest.seq);
  return {
    ...cluster,
    // A message tells of the whole source, and quotes it.
    message: '',
    problems: cluster.problems.filter((problem) => seesProblem(problem, seen)),
    cni: cluster.cni === null ? null : visibleCni(cluster.cni, seen.sees),
    counts: latest === null ? {} : await snapshots.countKinds(cluster.id, latest.seq, seen),
  };
}

/** Whether the caller may hear of a problem: one of an object that it sees. A problem of a file tells of everything in it. */
export function seesProblem({ object }: ClusterProblem, scope: NamespaceScope): boolean {
  if (scope.isWhole) return true;
  const [, kindId = '', label = ''] = /^(\S+) (\S+)$/.exec(object ?? '') ?? [];
  if (label === '') return false;
  const [namespace = '', name] = label.includes('/') ? label.split('/') : ['', label];
  return scope.seesObject(kindId, namespace, name ?? '');
}

/** Refuses a change of a cluster of which the caller may know only a part. @throws AppError `forbidden` */
export function demandWhole(cluster: { readonly name: string }): void {
  const access = currentAccess();
  if (access.seesWhole(cluster)) return;
  const detail = `\`${access.caller.name}\` has a part of cluster \`${cluster.name}\` only, this takes a grant for all of its namespaces`;
  throw new AppError('forbidden', detail);
}
