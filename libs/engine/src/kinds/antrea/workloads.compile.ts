import { ALL, and, NONE, or } from '../../model/index.js';
import type { Selector } from '../../model/index.js';
import type { CompileEnv } from '../frontend.js';
import { blockSelector, podPeer } from '../shared/index.js';
import type { RawGroup, RawWorkloads } from './antrea.raw.js';
import { externalEntities } from './external-entities.js';
import { readGroups } from './groups.js';
import { servicePods } from './service-pods.js';

/** Where selectors are read: the policy's or group's own namespace, '' for the cluster-wide kinds. */
export interface Scope {
  readonly env: CompileEnv;
  readonly namespace: string;
}

/** Tests of the pods that selectors choose. Cluster-wide, no selector at all chooses nothing (AT-14). */
export function podTests({ pods, namespaces }: RawWorkloads, { namespace }: Scope): Selector {
  if (namespaces === null && namespace !== '') return and({ type: 'namespace', names: [namespace] }, pods ?? ALL);
  if (namespaces === null && pods === null) return NONE;
  return and(namespaces ?? ALL, pods ?? ALL);
}

/** Members of a group as peers: pods, external entities and blocks (AT-30, AT-31). */
export function groupPeers(name: string, scope: Scope): Selector {
  return membersOf(name, scope, (group) => {
    switch (group.type) {
      case 'blocks':
        return or(...group.blocks.map(({ cidr, except }) => blockSelector(cidr, except, scope.env.semantics)));
      case 'service':
        return podPeer(scope.env.semantics, servicePods(group.namespace, group.name, scope.env));
      case 'workloads':
        return workloadPeers(group.selectors, scope);
    }
  });
}

/** Members of a group as subjects: its pods and external entities; blocks are passed over. Pods are told by `subject`. */
export function groupSubjects(name: string, scope: Scope, subject: (tests: Selector) => Selector): Selector {
  return membersOf(name, scope, (group) => {
    switch (group.type) {
      case 'blocks':
        return NONE;
      case 'service':
        return subject(servicePods(group.namespace, group.name, scope.env));
      case 'workloads':
        return workloadSubjects(group.selectors, scope, subject);
    }
  });
}

export function workloadPeers(selectors: RawWorkloads, scope: Scope): Selector {
  if (selectors.externalEntities !== null) return externalEntities(selectors, scope.namespace, scope.env);
  return podPeer(scope.env.semantics, podTests(selectors, scope));
}

export function workloadSubjects(
  selectors: RawWorkloads,
  scope: Scope,
  subject: (tests: Selector) => Selector,
): Selector {
  if (selectors.externalEntities !== null) {
    return and({ type: 'kind', kinds: ['external'] }, externalEntities(selectors, scope.namespace, scope.env));
  }
  return subject(podTests(selectors, scope));
}

type Leaf = Exclude<RawGroup, { type: 'children' }>;

/** A group's own members, or those of its children: one level only (AT-32). */
function membersOf(name: string, scope: Scope, members: (group: Leaf) => Selector): Selector {
  const groups = readGroups(scope.env);
  const group = groups.find(scope.namespace, name);
  if (group === null) return NONE;
  if (group.type !== 'children') return members(group);
  return or(
    ...group.names.map((child) => {
      const found = groups.find(scope.namespace, child);
      return found === null || found.type === 'children' ? NONE : members(found);
    }),
  );
}

/** Whether a Group reaches outside its own namespace, which appliedTo of a NetworkPolicy does not allow (AT-16). */
export function reachesOut(name: string, scope: Scope): boolean {
  const groups = readGroups(scope.env);
  const group = groups.find(scope.namespace, name);
  const members =
    group?.type === 'children' ? group.names.map((child) => groups.find(scope.namespace, child)) : [group];
  return members.some(
    (member) =>
      (member?.type === 'workloads' && member.selectors.namespaces !== null) ||
      (member?.type === 'service' && member.namespace !== scope.namespace),
  );
}
