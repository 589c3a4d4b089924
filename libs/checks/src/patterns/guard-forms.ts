import type { JsonObject } from '#engine';

import { NAME_LABEL } from '../context/namespace-keys.js';
import type { AdmissionGuard } from './admission-guards.js';

/** A guard of one namespace; `refuses`: whether it may do more than warn. */
export interface PlacedGuard {
  readonly guard: AdmissionGuard;
  readonly namespace: string;
  readonly refuses: boolean;
}

/** As Kubernetes itself has it: a policy, and where it holds. */
export function admissionPolicy({ guard, namespace, refuses }: PlacedGuard): readonly JsonObject[] {
  const metadata = { name: `${guard.name}-in-${namespace}` };
  return [
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata,
      spec: { matchConstraints: matched(guard), validations: validations(guard) },
    },
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata,
      spec: {
        policyName: metadata.name,
        validationActions: actions(refuses),
        matchResources: { namespaceSelector: { matchLabels: { [NAME_LABEL]: namespace } } },
      },
    },
  ];
}

/** As a ValidatingPolicy of Kyverno. */
export function kyvernoGuard({ guard, namespace, refuses }: PlacedGuard): readonly JsonObject[] {
  return [
    {
      apiVersion: 'policies.kyverno.io/v1',
      kind: 'ValidatingPolicy',
      metadata: { name: `${guard.name}-in-${namespace}` },
      spec: {
        validationActions: actions(refuses),
        matchConstraints: matched(guard),
        matchConditions: [{ name: 'namespace', expression: `object.metadata.namespace == '${namespace}'` }],
        validations: validations(guard),
      },
    },
  ];
}

/** As a template of Gatekeeper and its constraint. */
export function gatekeeperGuardOf({ guard, namespace, refuses }: PlacedGuard): readonly JsonObject[] {
  const kind = `K8s${guard.name
    .split('-')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('')}`;
  return [
    {
      apiVersion: 'templates.gatekeeper.sh/v1',
      kind: 'ConstraintTemplate',
      metadata: { name: kind.toLowerCase() },
      spec: {
        crd: { spec: { names: { kind } } },
        targets: [
          {
            target: 'admission.k8s.gatekeeper.sh',
            code: [{ engine: 'K8sNativeValidation', source: { validations: validations(guard) } }],
          },
        ],
      },
    },
    {
      apiVersion: 'constraints.gatekeeper.sh/v1beta1',
      kind,
      metadata: { name: `${guard.name}-in-${namespace}` },
      spec: {
        enforcementAction: refuses ? 'deny' : 'warn',
        match: { kinds: [{ apiGroups: [guard.group], kinds: [guard.kind] }], namespaces: [namespace] },
      },
    },
  ];
}

function actions(refuses: boolean): readonly string[] {
  return [refuses ? 'Deny' : 'Warn'];
}

function matched({ group, resources }: AdmissionGuard): JsonObject {
  return {
    resourceRules: [
      { apiGroups: [group], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: [...resources] },
    ],
  };
}

function validations({ check, expression, message }: AdmissionGuard): readonly JsonObject[] {
  return [{ expression, message: `${message} (${check})` }];
}
