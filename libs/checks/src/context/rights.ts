import { field, list, oncePer, text } from '#engine';
import type { AuxFact, Endpoint, Json } from '#engine';

import type { AuditContext } from './audit-context.js';

const GROUP = 'rbac.authorization.k8s.io';
const idOf = (kind: string): string => `${kind}.${GROUP}`;

/** The kinds that tell who may do what. */
export const RIGHTS: readonly string[] = ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'].map(idOf);

/** A person, a group or a service account. */
export interface RightsSubject {
  readonly kind: string;
  /** Of a service account; '' for the others. */
  readonly namespace: string;
  readonly name: string;
}

/** What one binding gives to whom: in its namespace, or in the whole cluster when it has none. */
export interface Grant {
  readonly binding: AuxFact;
  /** `ClusterRole edit`. */
  readonly role: string;
  readonly subjects: readonly RightsSubject[];
  /** Rules of the role as written; none when the role is not there. */
  readonly rules: readonly Json[];
}

/** Every binding of the cluster with the rules that it gives; empty for manifests without any. */
export const grantsOf = oncePer(({ snapshot }: AuditContext): readonly Grant[] => {
  const of = (kind: string): readonly AuxFact[] => snapshot.index.aux.get(idOf(kind)) ?? [];
  const key = (kind: string, namespace: string, name: string): string => `${kind} ${namespace}/${name}`;
  const rules = new Map(
    [...of('ClusterRole'), ...of('Role')].map(({ meta, raw }) => [
      key(meta.kind, meta.namespace, meta.name),
      list(field(raw, 'rules')),
    ]),
  );
  return [...of('ClusterRoleBinding'), ...of('RoleBinding')].map((binding) => {
    const role = field(binding.raw, 'roleRef');
    const [kind, name] = [text(field(role, 'kind')), text(field(role, 'name'))];
    const namespace = kind === 'Role' ? binding.meta.namespace : '';
    return {
      binding,
      role: `${kind} ${name}`,
      subjects: list(field(binding.raw, 'subjects')).map(readSubject),
      rules: rules.get(key(kind, namespace, name)) ?? [],
    };
  });
});

function readSubject(subject: Json): RightsSubject {
  const kind = text(field(subject, 'kind'));
  const namespace = kind === 'ServiceAccount' ? text(field(subject, 'namespace')) : '';
  return { kind, namespace, name: text(field(subject, 'name')) };
}

/** Whether a rule allows one of some verbs on a resource of an API group. */
export function ruleAllows(rule: Json, group: string, resource: string, verbs: readonly string[]): boolean {
  const has = (key: string, ...wanted: readonly string[]): boolean =>
    list(field(rule, key)).some((entry) => entry === '*' || wanted.includes(text(entry)));
  return has('apiGroups', group) && has('resources', resource) && has('verbs', ...verbs);
}

/** Whether someone gave rights to the service account of a pod, by its name or to all accounts of its namespace. */
export function hasRights(context: AuditContext, { namespace, serviceAccount }: Endpoint): boolean {
  return grantsOf(context).some(({ subjects }) =>
    subjects.some((subject) =>
      subject.kind === 'ServiceAccount'
        ? subject.namespace === namespace && subject.name === serviceAccount
        : subject.name === `system:serviceaccounts:${namespace}`,
    ),
  );
}
