import { field, objectLabel, pointer, targetPort } from '#engine';
import type { Endpoint, ServiceFact } from '#engine';

import type { AuditContext } from '../context/audit-context.js';
import type { RuleView } from '../context/policy-view.js';
import { receiversOf, sendersOf } from '../context/receivers.js';
import { writtenProtocol } from '../context/rule-ports.js';
import { servedBy } from '../context/service-backends.js';
import { NETWORK_POLICY, PODS_AND_NETWORK_POLICIES, REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import { replaceSpec, specWith } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** COR-11. */
export const check = defineCheck({
  id: 'service-port-not-pod-port',
  number: 'COR-11',
  area: 'correctness',
  core: false,
  title: 'a rule names the port of a Service instead of the port of its pods',
  description:
    'Policy sees a connection after the Service has been translated to a pod. Finds rules with a port that a Service has, that none of its pods listens on, and whose target port the sender is denied.',
  remediation: 'Write the target port of the Service into the rule.',
  severity: 'high',
  confidence: 'likely',
  scope: 'rule',
  reads: { raw: NETWORK_POLICY },
  needs: [...PODS_AND_NETWORK_POLICIES, 'Service'],
  compliance: ['PCI-1.2.1', 'CM-6'],
  references: [REFERENCES.concepts, REFERENCES.service],
  run(context) {
    const findings: FindingDraft[] = [];
    const translated = translatedPorts(context);
    let examined = 0;
    for (const rule of context.networkPolicies.flatMap((policy) => policy.rules)) {
      for (const [at, port] of rule.ports.entries()) {
        const written = field(port, 'port');
        if (typeof written !== 'number') continue;
        examined++;
        if (!translated.has(portKey(writtenProtocol(port), written))) continue;
        const found = findingFor(context, rule, at);
        if (found !== null) findings.push(found);
      }
    }
    return conclude({ examined, findings, nothing: 'no rule has a port by number' });
  },
});

const portKey = (protocol: number, port: number): string => `${protocol} ${port}`;

/** Ports of Services that are another one at the pods, or may be. */
function translatedPorts({ snapshot }: AuditContext): ReadonlySet<string> {
  return new Set(
    [...snapshot.index.services.values()].flatMap(({ ports }) =>
      ports.filter(({ port, targetPort }) => targetPort !== port).map(({ protocol, port }) => portKey(protocol, port)),
    ),
  );
}

interface Translated {
  readonly service: ServiceFact;
  readonly receiver: Endpoint;
  readonly target: number;
}

function findingFor(context: AuditContext, rule: RuleView, at: number): FindingDraft | null {
  const port = field(rule.ports[at], 'port') as number;
  const protocol = writtenProtocol(rule.ports[at] ?? {});
  const receivers = receiversOf(context, rule);
  const listens = (pod: Endpoint): boolean =>
    pod.ports.some((each) => each.port === port && each.protocol === protocol);
  if (receivers.some(listens)) return null;
  const found = receivers.flatMap((pod) => translate(context, pod, protocol, port))[0];
  if (found === undefined) return null;
  const { service, receiver, target } = found;
  const sender = sendersOf(context, rule).find((pod) => pod !== receiver);
  const flow = context.flow(sender ?? context.stranger, receiver, protocol, target);
  if (flow.intended === 'allow') return null;
  const { namespace, name } = rule.policy.ref;
  const at_ = pointer(rule.pointer, 'ports', at, 'port');
  return {
    title: `${namespace}/${name} names port ${port} of Service ${objectLabel(service.meta)}, its pods listen on ${target}`,
    scope: 'rule',
    object: rule.policy.ref,
    pointer: at_,
    related: [{ group: '', kind: 'Service', namespace: service.meta.namespace, name: service.meta.name }],
    evidence: [
      { what: `port ${port} of the Service`, value: `target port ${target}` },
      { what: 'ports that the pods declare', value: receiver.ports.map((each) => each.port).join(', ') || 'none' },
    ],
    counterexample: flow,
    fix: replaceSpec(rule.policy, `write port ${target}`, specWith(rule.policy, at_, target)),
  };
}

/** The Services that turn this port into another one at the pod. */
function translate(context: AuditContext, receiver: Endpoint, protocol: number, port: number): readonly Translated[] {
  return servedBy(context.snapshot, receiver).flatMap((service) => {
    const entry = service.ports.find((each) => each.port === port && each.protocol === protocol);
    const target = entry === undefined ? null : targetPort(receiver, entry);
    return target !== null && target !== port ? [{ service, receiver, target }] : [];
  });
}
