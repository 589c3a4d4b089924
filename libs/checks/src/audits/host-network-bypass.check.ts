import { TCP } from '#engine';

import { nameObjects, somePort, type AuditContext } from '../context/audit-context.js';
import { nodeKind } from '../context/node-kind.js';
import { PODS_AND_NETWORK_POLICIES, REFERENCES } from '../context/sources.js';
import { groupWorkloadsOfHost, type WorkloadView } from '../context/workload-view.js';
import { defineCheck } from '../define-check.js';
import type { Fix } from '../fix/fix.js';
import { operatorTask } from '../fix/make-fix.js';
import { conclude, type Counterexample, type FindingDraft } from '../model/finding.js';

/** BYP-01. */
export const check = defineCheck({
  id: 'host-network-bypass',
  number: 'BYP-01',
  area: 'bypass',
  core: true,
  title: 'a workload on the host network is beyond the reach of policy',
  description:
    'Finds pods on the network of their node: they have its address, no policy for pods selects them, and every pod on that node admits them. Shows someone who reaches them, and policies that were written for them in vain. Namespaces of the platform are left out, as is what carries the annotation `netpol-atlas/host-network` with a reason.',
  remediation:
    'Give the pod a network of its own, or guard its node with the host policy of the plugin, and say in the annotation why it needs the host’s.',
  severity: 'high',
  confidence: 'certain',
  scope: 'workload',
  reads: 'compiled',
  needs: PODS_AND_NETWORK_POLICIES,
  compliance: ['CIS-5.2.5', 'C-0041', 'CKV_K8S_19', 'K05(2025)'],
  references: [REFERENCES.concepts, REFERENCES.podSecurity],
  run(context) {
    const workloads = groupWorkloadsOfHost(context.snapshot).filter(({ namespace }) => !context.isSystem(namespace));
    const findings = workloads.flatMap((workload) => findingFor(context, workload) ?? []);
    const examined = context.pods.length + workloads.length;
    return conclude({ examined, findings, nothing: 'there are no pods' });
  },
});

function findingFor(context: AuditContext, workload: WorkloadView): FindingDraft | null {
  const [pod] = workload.endpoints;
  if (pod === undefined || context.acceptedBecause('hostNetwork', pod) !== '') return null;
  // Asked as if it were a pod with an address: these policies mean it, and miss it.
  const vain = context.networkPolicies.filter((policy) => context.chooses(policy.subject, { ...pod, kind: 'pod' }));
  const byNode = new Map(workload.endpoints.flatMap((each) => (each.node === '' ? [] : [[each.node, each] as const])));
  const admitting = context.pods.filter((each) => {
    const here = byNode.get(each.node);
    if (here === undefined || context.isolation(each, 'ingress').isolated !== 'yes') return false;
    return context.verdict(here, each, TCP, somePort(each)) === 'allow';
  });
  return {
    title: `${workload.namespace}/${workload.name} runs on the host network, where policy does not reach it`,
    severity: vain.length > 0 ? 'high' : 'medium',
    scope: 'workload',
    object: workload.ref,
    related: vain.map((policy) => policy.ref),
    evidence: [
      {
        what: 'policies that select its labels in vain',
        value: nameObjects(vain.map((policy) => policy.ref)) || 'none',
      },
      { what: 'nodes', value: [...byNode.keys()].join(', ') || 'not known' },
      { what: 'closed pods of these nodes that admit it all the same', value: nameObjects(admitting) || 'none' },
    ],
    counterexample: whoReachesIt(context, workload),
    fix: ownNetwork(
      workload.name,
      [...byNode.keys()].some((node) => nodeKind(context, node) === 'windows'),
    ),
  };
}

function ownNetwork(name: string, onWindows: boolean): Fix {
  return onWindows
    ? operatorTask(
        `guard the nodes of ${name}`,
        'on Windows only HostProcess pods have the host’s network, and they need it',
      )
    : operatorTask(`give ${name} a network of its own`, 'some agents need the host’s: then guard the node');
}

function whoReachesIt(context: AuditContext, { endpoints }: WorkloadView): Counterexample | null {
  const [pod] = endpoints;
  const port = pod?.ports.find((each) => !each.init);
  if (pod === undefined || port === undefined) return null;
  const source = context.outsider(pod, port.protocol, port.port);
  return source === null ? null : context.flow(source, pod, port.protocol, port.port);
}
