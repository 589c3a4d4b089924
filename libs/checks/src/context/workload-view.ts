import { groupBy, objectLabel } from '#engine';
import type { CompiledSnapshot, Endpoint, ObjectRef } from '#engine';

/** The owner of pods, or a pod that has none, with its pods or its template. */
export interface WorkloadView {
  readonly namespace: string;
  readonly name: string;
  readonly kind: string;
  /** `Deployment shop/web`. */
  readonly label: string;
  readonly ref: ObjectRef;
  /** At least one. */
  readonly endpoints: readonly Endpoint[];
}

const GROUPS: Readonly<Record<string, string>> = {
  Deployment: 'apps',
  ReplicaSet: 'apps',
  StatefulSet: 'apps',
  DaemonSet: 'apps',
  Job: 'batch',
  CronJob: 'batch',
};

/** Groups pods by owner, in order of namespace and name. */
export function groupWorkloads(endpoints: readonly Endpoint[]): readonly WorkloadView[] {
  return [...groupBy(endpoints, workloadKey)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, members]) => {
      const ref = workloadRef(members[0] as Endpoint);
      const { namespace, name, kind } = ref;
      return { namespace, name, kind, label: `${kind} ${objectLabel(ref)}`, ref, endpoints: members };
    });
}

/** Equal for pods of one workload; in order of namespace and name. */
export function workloadKey({ namespace, name, workload }: Endpoint): string {
  return `${namespace}\0${workload?.name ?? name}\0${workload?.kind ?? 'Pod'}`;
}

/** The object that answers for a pod: its owner, else itself. */
export function workloadRef({ namespace, name, workload }: Endpoint): ObjectRef {
  if (workload === null) return { group: '', kind: 'Pod', namespace, name };
  return { group: GROUPS[workload.kind] ?? '', kind: workload.kind, namespace, name: workload.name };
}

/** Workloads whose pods are on the network of their node. */
export function groupWorkloadsOfHost(snapshot: CompiledSnapshot): readonly WorkloadView[] {
  return groupWorkloads(snapshot.endpoints.filter((endpoint) => endpoint.kind === 'hostpod'));
}
