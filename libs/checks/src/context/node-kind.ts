import type { AuditContext } from './audit-context.js';

/** What there is to know of a node before anything is asked of its agents. */
export type NodeKind = 'windows' | 'virtual' | 'linux';

/** Nodes of Fargate and of a virtual kubelet run no DaemonSets. */
export function nodeKind(context: AuditContext, name: string): NodeKind {
  const labels = context.node(name)?.meta.labels ?? {};
  if (labels['kubernetes.io/os'] === 'windows') return 'windows';
  const isVirtual = labels['eks.amazonaws.com/compute-type'] === 'fargate' || labels['type'] === 'virtual-kubelet';
  return isVirtual ? 'virtual' : 'linux';
}
