import { field, nearNames, textMap } from '#engine';
import type { Endpoint } from '#engine';

import { nameObjects, type AuditContext } from '../context/audit-context.js';
import type { PolicyView } from '../context/policy-view.js';
import { PODS_AND_NETWORK_POLICIES, REFERENCES, NETWORK_POLICY } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import { deletePolicy } from '../fix/make-fix.js';
import { conclude, type Evidence, type FindingDraft } from '../model/finding.js';

/** COR-07. */
export const check = defineCheck({
  id: 'dangling-policy',
  number: 'COR-07',
  area: 'correctness',
  core: false,
  title: 'a policy selects no pod and no workload',
  description:
    'Finds NetworkPolicies whose pod selector matches neither a pod nor the template of a workload that has no pods, and shows the labels that come closest. A policy that matches pods on the host network only is one of them: it has no effect on those.',
  remediation: 'Correct the labels, or delete the policy when its workload is gone.',
  severity: 'medium',
  confidence: 'certain',
  scope: 'policy',
  reads: { raw: NETWORK_POLICY },
  needs: [...PODS_AND_NETWORK_POLICIES, 'Deployment.apps', 'StatefulSet.apps', 'DaemonSet.apps', 'CronJob.batch'],
  compliance: ['C-0299', 'PCI-1.2.1', 'CM-6'],
  references: [REFERENCES.concepts],
  run(context) {
    if (context.pods.length === 0) return { outcome: 'not-applicable', reason: 'the inventory has no pods to select' };
    const findings = context.networkPolicies.flatMap((policy) => findingFor(context, policy) ?? []);
    return conclude({ examined: context.networkPolicies.length, findings, nothing: 'there is no NetworkPolicy' });
  },
});

function findingFor(context: AuditContext, policy: PolicyView): FindingDraft | null {
  if (policy.selected.length > 0) return null;
  const { namespace, name } = policy.ref;
  // The same pods with an address of their own would be selected: then it is the host network that is in the way.
  const onHost = context.hostPods.filter((pod) => context.chooses(policy.subject, { ...pod, kind: 'pod' }));
  const title =
    onHost.length === 0
      ? `${namespace}/${name} selects no pod`
      : `${namespace}/${name} selects pods on the host network only, which it does not protect`;
  return {
    title,
    confidence: onHost.length === 0 ? context.absence.confidence : 'certain',
    scope: 'policy',
    object: policy.ref,
    pointer: '/spec/podSelector',
    evidence:
      onHost.length === 0
        ? closest(context, policy)
        : [{ what: 'pods on the host network', value: nameObjects(onHost) }],
    counterexample: bypass(context, onHost[0]),
    fix: onHost.length === 0 ? deletePolicy(policy.ref, 'only if no workload with these labels is to come') : null,
  };
}

function bypass(context: AuditContext, pod: Endpoint | undefined): FindingDraft['counterexample'] {
  const port = pod?.ports[0];
  if (pod === undefined || port === undefined) return null;
  const source = context.outsider(pod, port.protocol, port.port);
  return source === null ? null : context.flow(source, pod, port.protocol, port.port);
}

/** The labels that it asks for and nobody has, with the closest ones of the namespace. */
function closest(context: AuditContext, policy: PolicyView): readonly Evidence[] {
  const inside = context.snapshot.directory.namespace(policy.ref.namespace);
  const present = new Set(inside.flatMap((pod) => Object.entries(pod.labels).map(([key, value]) => `${key}=${value}`)));
  const wanted = textMap(field(field(policy.spec, 'podSelector'), 'matchLabels'));
  const missing = Object.entries(wanted)
    .map(([key, value]) => `${key}=${value}`)
    .filter((label) => !present.has(label));
  const near = new Set(missing.flatMap((label) => nearLabels(label, present)));
  return [
    { what: 'labels that no pod has', value: missing.join(', ') || 'each exists, no pod has all of them' },
    ...(near.size === 0 ? [] : [{ what: 'closest labels', value: [...near].join(', ') }]),
    { what: 'pods in the namespace', value: String(inside.length) },
    ...context.absence.evidence,
  ];
}

/** Labels with the same key whose values come close; where nobody has the key, those whose keys do. */
function nearLabels(label: string, present: ReadonlySet<string>): string[] {
  const key = keyOf(label);
  const valued = [...present].filter((other) => keyOf(other) === key).map((other) => other.slice(key.length));
  if (valued.length > 0) return nearNames(label.slice(key.length), valued).map((value) => key + value);
  const keys = new Set(nearNames(withoutPrefix(key), [...present].map(keyOf).map(withoutPrefix)));
  return [...present].filter((other) => keys.has(withoutPrefix(keyOf(other))));
}

const withoutPrefix = (key: string): string => key.slice(key.indexOf('/') + 1);

const keyOf = (label: string): string => label.slice(0, label.indexOf('='));
