import { TCP } from '#engine';

import { nameObjects, somePort, type AuditContext } from '../context/audit-context.js';
import { nodeKind, type NodeKind } from '../context/node-kind.js';
import { PODS, REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import type { Fix } from '../fix/fix.js';
import { operatorTask } from '../fix/make-fix.js';
import { conclude, type Counterexample } from '../model/finding.js';

/** ENF-02. */
export const check = defineCheck({
  id: 'nodes-without-enforcement',
  number: 'ENF-02',
  area: 'enforcement',
  core: false,
  title: 'nodes run pods and no ready policy agent',
  description:
    'Finds nodes on which the engine that enforces policy has no ready agent, nodes that can never run one included: policy has no effect on the pods there.',
  remediation: 'Bring the agent up on the node, or keep pods that rely on policy off it.',
  severity: 'high',
  confidence: 'certain',
  scope: 'node',
  reads: 'compiled',
  needs: [...PODS, 'Node', 'DaemonSet.apps'],
  compliance: ['CIS-5.3.1', 'SC-7'],
  references: [REFERENCES.concepts],
  run(context) {
    const { cni, index } = context.snapshot;
    if (cni.enforced === 'unknown')
      return { outcome: 'unknown', reason: 'which engine enforces policy cannot be told' };
    if (cni.enforced === 'no')
      return { outcome: 'not-applicable', reason: `${cni.title} enforces no policy on any node` };
    const findings = cni.unenforcedNodes.map((node) => {
      const pods = context.pods.filter((pod) => pod.node === node);
      return {
        title: `${cni.title} has no ready agent on node ${node}`,
        severity: pods.length === 0 ? ('low' as const) : ('high' as const),
        scope: 'node' as const,
        object: { group: '', kind: 'Node', namespace: '', name: node },
        evidence: [{ what: 'pods there', value: nameObjects(pods) || 'none' }],
        counterexample: ignoredDenial(context, node),
        fix: howToEnforce(node, nodeKind(context, node)),
      };
    });
    return conclude({ examined: index.nodes.length, findings, nothing: 'the inventory has no nodes' });
  },
});

function howToEnforce(node: string, kind: NodeKind): Fix {
  switch (kind) {
    case 'linux':
      return operatorTask(`bring the agent up on ${node}`, 'look at the events of its pod there');
    case 'windows':
      return operatorTask(
        `install an agent for Windows on ${node}, or keep pods that rely on policy off it`,
        'not every network plugin has one',
      );
    case 'virtual':
      return operatorTask(`keep pods that rely on policy off ${node}`, 'nodes of its kind run no DaemonSets');
  }
}

function ignoredDenial(context: AuditContext, node: string): Counterexample | null {
  for (const pod of context.pods.filter((each) => each.node === node)) {
    for (const source of [...context.pods, context.stranger]) {
      if (source === pod) continue;
      const flow = context.flow(source, pod, TCP, somePort(pod));
      if (flow.intended === 'deny' && flow.enforced === 'allow') return flow;
    }
  }
  return null;
}
