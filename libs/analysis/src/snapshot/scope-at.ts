import type { NamespaceScope } from '#access';
import type { SnapshotRepository } from '#store';

/** The scope with what a label query shows in a snapshot. */
export async function scopeAt(
  snapshots: SnapshotRepository,
  scope: NamespaceScope,
  clusterId: string,
  seq: number,
): Promise<NamespaceScope> {
  return scope.needsLabels ? scope.withLabels(await snapshots.namespaceLabels(clusterId, seq)) : scope;
}
