import type { JsonObject } from '#engine';

import { toYaml } from '../fix/to-yaml.js';

/** Forms in which a bundle is handed over. None of them is ever applied by this product. */
export type BundleForm = 'manifests' | 'kyverno' | 'kyverno-generating' | 'gatekeeper';

/** A Kyverno policy that makes objects in a namespace, and makes them again when somebody takes them away. */
export function kyvernoPolicy(namespace: string, name: string, objects: readonly JsonObject[]): JsonObject {
  return {
    apiVersion: 'kyverno.io/v1',
    kind: 'ClusterPolicy',
    metadata: {
      name: `${name}-${namespace}`,
      annotations: { 'policies.kyverno.io/description': `Keeps the policies of ${namespace} in place.` },
    },
    spec: {
      rules: objects.map(({ apiVersion, kind, metadata, spec }) => {
        const own = (metadata as { readonly name: string }).name;
        return {
          name: own,
          match: { any: [{ resources: { kinds: ['Namespace'], names: [namespace] } }] },
          generate: {
            generateExisting: true,
            synchronize: true,
            apiVersion,
            kind,
            name: own,
            namespace: '{{request.object.metadata.name}}',
            data: { spec },
          },
        };
      }),
    },
  };
}

/** The same as the kind of Kyverno that takes the place of ClusterPolicy. */
export function kyvernoGeneratingPolicy(namespace: string, name: string, objects: readonly JsonObject[]): JsonObject {
  return {
    apiVersion: 'policies.kyverno.io/v1',
    kind: 'GeneratingPolicy',
    metadata: {
      name: `${name}-${namespace}`,
      annotations: { 'policies.kyverno.io/description': `Keeps the policies of ${namespace} in place.` },
    },
    spec: {
      evaluation: { generateExisting: { enabled: true }, synchronize: { enabled: true } },
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: [''],
            apiVersions: ['v1'],
            operations: ['CREATE', 'UPDATE'],
            resources: ['namespaces'],
            resourceNames: [namespace],
          },
        ],
      },
      generate: objects.map((object) => ({ template: { value: toYaml([object]) } })),
    },
  };
}

/**
 * What Gatekeeper needs to tell of a namespace without a policy that closes it: what it has to keep of the cluster, the
 * template, and the constraint. It warns and refuses nothing, as a namespace exists before its policies do.
 */
export function gatekeeperGuard(namespace: string): readonly JsonObject[] {
  return [
    {
      apiVersion: 'syncset.gatekeeper.sh/v1alpha1',
      kind: 'SyncSet',
      metadata: { name: 'network-policies' },
      spec: { gvks: [{ group: 'networking.k8s.io', version: 'v1', kind: 'NetworkPolicy' }] },
    },
    {
      apiVersion: 'templates.gatekeeper.sh/v1',
      kind: 'ConstraintTemplate',
      metadata: { name: 'k8sdefaultdeny' },
      spec: {
        crd: { spec: { names: { kind: 'K8sDefaultDeny' } } },
        targets: [{ target: 'admission.k8s.gatekeeper.sh', rego: DEFAULT_DENY_REGO }],
      },
    },
    {
      apiVersion: 'constraints.gatekeeper.sh/v1beta1',
      kind: 'K8sDefaultDeny',
      metadata: { name: `default-deny-${namespace}` },
      spec: {
        enforcementAction: 'warn',
        match: { kinds: [{ apiGroups: [''], kinds: ['Namespace'] }], name: namespace },
      },
    },
  ];
}

const DEFAULT_DENY_REGO = `package k8sdefaultdeny

violation[{"msg": msg}] {
  namespace := input.review.object.metadata.name
  direction := {"Ingress", "Egress"}[_]
  not closed(namespace, direction)
  msg := sprintf("namespace %v has no policy that closes every pod for %v", [namespace, direction])
}

closed(namespace, direction) {
  policy := data.inventory.namespace[namespace]["networking.k8s.io/v1"]["NetworkPolicy"][_]
  policy.spec.podSelector == {}
  policy.spec.policyTypes[_] == direction
  count(object.get(policy.spec, lower(direction), [])) == 0
}
`;
