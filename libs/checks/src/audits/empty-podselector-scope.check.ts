import { counted, describePorts, field, isNamedBy, isObject, list, objectLabel } from '#engine';
import type { Endpoint, Json, PortMatch } from '#engine';

import { nameObjects, type AuditContext } from '../context/audit-context.js';
import type { PolicyView, RuleView } from '../context/policy-view.js';
import { sendersOf } from '../context/receivers.js';
import { rulePort } from '../context/rule-ports.js';
import { servedBy } from '../context/service-backends.js';
import { NETWORK_POLICY, PODS_AND_NETWORK_POLICIES, REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import { operatorTask } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** COR-06. */
export const check = defineCheck({
  id: 'empty-podselector-scope',
  number: 'COR-06',
  area: 'correctness',
  core: true,
  title: 'an empty pod selector reaches more pods than its rules are for',
  description:
    'An empty pod selector is every pod of the namespace. Finds ingress rules that so open a port on pods that do not serve it, and policies that so cut pods behind a Service which no policy allows any ingress.',
  remediation: 'Select the pods that serve the port; keep the empty selector for the default deny and for DNS.',
  severity: 'medium',
  confidence: 'certain',
  scope: 'policy',
  reads: { raw: NETWORK_POLICY },
  needs: [...PODS_AND_NETWORK_POLICIES, 'Service'],
  compliance: ['C-0030', 'CM-6'],
  references: [REFERENCES.concepts],
  run(context) {
    const findings: FindingDraft[] = [];
    const wide = context.networkPolicies.filter(selectsEverything);
    for (const policy of wide) {
      findings.push(...policy.rules.flatMap((rule) => opened(context, rule) ?? []));
      const cut = cutOff(context, policy);
      if (cut !== null) findings.push(cut);
    }
    return conclude({ examined: context.networkPolicies.length, findings, nothing: 'there is no NetworkPolicy' });
  },
});

function selectsEverything({ spec }: PolicyView): boolean {
  const selector = field(spec, 'podSelector');
  const labels = field(selector, 'matchLabels');
  const empty = (value: Json | undefined): boolean => !isObject(value) || Object.keys(value).length === 0;
  return empty(labels) && list(field(selector, 'matchExpressions')).length === 0;
}

/** An ingress rule with ports that some of the pods which tell their ports do not serve. */
function opened(context: AuditContext, rule: RuleView): FindingDraft | null {
  const { entry, policy } = rule;
  if (entry === null || rule.direction !== 'ingress' || entry.ports.include === 'any') return null;
  const { include } = entry.ports;
  const strangers = policy.selected.filter((pod) => pod.ports.length > 0 && !include.some((port) => serves(pod, port)));
  const [subject] = strangers;
  if (subject === undefined) return null;
  const [peer] = sendersOf(context, rule);
  const { protocol, port } = rulePort(rule, subject);
  return {
    title: `${policy.ref.namespace}/${policy.ref.name} opens ${describePorts(entry.ports)} on ${counted(strangers.length, 'pod')} beside those that serve it`,
    scope: 'rule',
    object: policy.ref,
    pointer: rule.pointer,
    evidence: [
      { what: 'pods that do not serve it', value: nameObjects(strangers) },
      { what: 'selected pods', value: String(policy.selected.length) },
    ],
    counterexample: context.flow(peer ?? context.stranger, subject, protocol, port),
    fix: operatorTask(
      `let ${objectLabel(policy.ref)} select the pods that serve the port`,
      'which label tells them apart is the owner’s choice',
    ),
  };
}

function serves(pod: Endpoint, match: PortMatch): boolean {
  if (match.type === 'icmp' || match.type === 'protocol') return true;
  if (match.type === 'named') return pod.ports.some((port) => isNamedBy(port, match));
  return pod.ports.some((port) => port.protocol === match.protocol && match.from <= port.port && port.port <= match.to);
}

/** A policy without ingress rules that leaves pods behind a Service without any ingress at all. */
function cutOff(context: AuditContext, policy: PolicyView): FindingDraft | null {
  if (!policy.directions.has('ingress') || policy.rules.length > 0) return null;
  const missed = policy.selected.filter(
    (pod) => servedBy(context.snapshot, pod).length > 0 && !context.isAllowedAnything(pod, 'ingress'),
  );
  const [subject] = missed;
  if (subject === undefined) return null;
  const services = missed.flatMap((pod) => servedBy(context.snapshot, pod).map((service) => service.meta));
  return {
    title: `${policy.ref.namespace}/${policy.ref.name} cuts ${counted(missed.length, 'pod')} behind Services off`,
    severity: 'high',
    confidence: 'likely',
    scope: 'policy',
    object: policy.ref,
    pointer: '/spec/podSelector',
    evidence: [
      { what: 'pods that nothing allows any ingress', value: nameObjects(missed) },
      { what: 'Services without a reachable backend among them', value: nameObjects(services) },
    ],
    counterexample: context.flow(context.stranger, subject, 6, subject.ports[0]?.port ?? 80),
    fix: operatorTask(
      `allow who calls the Services that ${objectLabel(policy.ref)} cuts off`,
      'who may call them is the owner’s choice',
    ),
  };
}
