import { protocolName, publishedPorts } from '#engine';

import { PODS, REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import { operatorTask } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** BYP-03. */
export const check = defineCheck({
  id: 'host-port',
  number: 'BYP-03',
  area: 'bypass',
  core: false,
  title: 'a container publishes its port on the node',
  description:
    'Finds containers with a host port outside the namespaces of the platform: traffic comes in by the address of the node, and plugins may show policy the node as its source.',
  remediation:
    'Publish the workload by a Service, or have the source kept by the plugin and allow the addresses that may call.',
  severity: 'medium',
  confidence: 'certain',
  scope: 'workload',
  reads: 'compiled',
  needs: PODS,
  compliance: ['CIS-5.2.12', 'C-0044', 'CKV_K8S_26'],
  references: [REFERENCES.podSecurity],
  run(context) {
    const findings: FindingDraft[] = [];
    for (const workload of context.workloads) {
      if (context.isSystem(workload.namespace)) continue;
      const [pod] = workload.endpoints;
      const published = pod === undefined ? [] : publishedPorts(context.snapshot, pod);
      const [first] = published;
      if (pod === undefined || first === undefined) continue;
      const node = context.snapshot.directory.node(pod.node);
      findings.push({
        title: `${workload.namespace}/${workload.name} publishes port ${first.hostPort} on its node`,
        scope: 'workload',
        object: workload.ref,
        evidence: published.map((port) => ({
          what: `${protocolName(port.protocol)} ${port.hostPort} of the node`,
          value: `port ${port.port} of the pod`,
        })),
        counterexample: node === null ? null : context.flow(node, pod, first.protocol, first.port),
        fix: operatorTask('publish it by a Service', ''),
      });
    }
    return conclude({ examined: context.workloads.length, findings, nothing: 'there are no pods' });
  },
});
