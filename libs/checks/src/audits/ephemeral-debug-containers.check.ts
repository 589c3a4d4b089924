import { groupBy, objectLabel, TCP } from '#engine';
import type { PodFact, WorkloadFact } from '#engine';

import { somePort, type AuditContext } from '../context/audit-context.js';
import { PODS_AND_NETWORK_POLICIES, REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import { operatorTask } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** BYP-02. */
export const check = defineCheck({
  id: 'ephemeral-debug-containers',
  number: 'BYP-02',
  area: 'bypass',
  core: true,
  title: 'debugging was left behind, or escapes the policies of what it debugs',
  description:
    'Finds ephemeral containers (inside their pod’s policy, with tools inside), copies of a workload’s pod that have lost its labels and with them its policies, and pods that debug a node on its network.',
  remediation: 'Delete the debugging pod; keep the labels of the original when a copy is made; limit who may debug.',
  severity: 'medium',
  confidence: 'certain',
  scope: 'workload',
  reads: 'compiled',
  needs: [...PODS_AND_NETWORK_POLICIES, 'Deployment.apps', 'StatefulSet.apps', 'DaemonSet.apps'],
  compliance: ['CIS-5.2.1', 'T1609'],
  references: ['https://kubernetes.io/docs/tasks/debug/debug-application/debug-running-pod/', REFERENCES.concepts],
  run(context) {
    const pods = context.snapshot.index.pods.filter(({ phase }) => phase !== 'Succeeded' && phase !== 'Failed');
    const workloads = groupBy(context.snapshot.index.workloads, ({ meta }) => meta.namespace);
    const findings = pods.flatMap((pod) => findingFor(context, pod, workloads.get(pod.meta.namespace) ?? []) ?? []);
    return conclude({ examined: pods.length, findings, nothing: 'there are no pods' });
  },
});

function findingFor(context: AuditContext, pod: PodFact, workloads: readonly WorkloadFact[]): FindingDraft | null {
  const { group, kind, namespace, name } = pod.meta;
  const found = whatIsLeft(context, pod, workloads);
  if (found === null) return null;
  return {
    scope: 'workload',
    object: { group, kind, namespace, name },
    counterexample: null,
    ...found,
    fix: operatorTask(
      `delete ${objectLabel(pod.meta)} when it is not in use`,
      'an ephemeral container goes with its pod only',
    ),
  };
}

type Left = Pick<FindingDraft, 'title' | 'evidence'> &
  Partial<Pick<FindingDraft, 'severity' | 'confidence' | 'counterexample'>>;

function whatIsLeft(context: AuditContext, pod: PodFact, workloads: readonly WorkloadFact[]): Left | null {
  const debugging = pod.shape.containers.filter((container) => container.role === 'ephemeral');
  if (debugging.length > 0) {
    const images = debugging.map((container) => `${container.name} (${container.image})`).join(', ');
    return {
      title: `${objectLabel(pod.meta)} has an ephemeral container`,
      evidence: [{ what: 'containers', value: images }],
    };
  }
  if (pod.meta.name.startsWith('node-debugger-')) {
    return {
      title: `${objectLabel(pod.meta)} debugs a node${pod.shape.hostNetwork ? ' on its network' : ''}`,
      evidence: [{ what: 'node', value: pod.node || 'not known' }],
    };
  }
  const original = pod.meta.owner === null ? originalOf(pod, workloads) : undefined;
  return original === undefined ? null : copy(context, pod, original);
}

/** The workload of its namespace that a pod without owner was copied from: the same images, other labels. */
function originalOf(pod: PodFact, workloads: readonly WorkloadFact[]): WorkloadFact | undefined {
  if (workloads.length === 0) return undefined;
  const images = (shape: PodFact['shape']): string[] =>
    shape.containers.filter(({ role }) => role === 'main').map(({ name, image }) => `${name}=${image}`);
  const own = new Set(images(pod.shape));
  return workloads.find(({ template }) => {
    const wanted = images(template);
    const same = wanted.length > 0 && wanted.every((image) => own.has(image));
    return same && Object.entries(template.labels).some(([key, value]) => pod.shape.labels[key] !== value);
  });
}

/** A copy matters when policies that close the original do not close it. */
function copy(context: AuditContext, pod: PodFact, original: WorkloadFact): Left {
  const endpoint = context.snapshot.directory.pod(pod.meta.namespace, pod.meta.name);
  const open = endpoint !== null && context.isolation(endpoint, 'ingress').isolated === 'no';
  const port = endpoint === null ? 80 : somePort(endpoint);
  return {
    title: `${objectLabel(pod.meta)} looks like a copy of ${original.meta.kind} ${objectLabel(original.meta)} without its labels`,
    severity: open ? 'high' : 'medium',
    confidence: 'guess',
    evidence: [
      { what: 'labels of the original', value: JSON.stringify(original.template.labels) },
      { what: 'labels of the copy', value: JSON.stringify(pod.shape.labels) },
    ],
    counterexample: endpoint === null ? null : context.flow(context.stranger, endpoint, TCP, port),
  };
}
