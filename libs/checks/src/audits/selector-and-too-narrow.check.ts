import { and, field } from '#engine';
import type { Selector } from '#engine';

import { nameObjects, type AuditContext } from '../context/audit-context.js';
import { peerPointer, type RuleView } from '../context/policy-view.js';
import { rulePort } from '../context/rule-ports.js';
import { NETWORK_POLICY, PODS_AND_NETWORK_POLICIES, REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import { replaceSpec, specWith } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** COR-02. */
export const check = defineCheck({
  id: 'selector-and-too-narrow',
  number: 'COR-02',
  area: 'correctness',
  core: false,
  title: 'one peer asks for both selectors and no pod meets both',
  description:
    'Finds a peer with a namespace selector and a pod selector that no pod meets together, while pods meet each alone: the mirror of two peers where one was meant.',
  remediation: 'Make two peers of it if either selector is enough, else correct the labels.',
  severity: 'low',
  confidence: 'likely',
  scope: 'rule',
  reads: { raw: NETWORK_POLICY },
  needs: PODS_AND_NETWORK_POLICIES,
  compliance: ['PCI-1.2.1', 'CM-6'],
  references: [REFERENCES.concepts],
  run(context) {
    const findings: FindingDraft[] = [];
    let examined = 0;
    for (const rule of context.networkPolicies.flatMap((policy) => policy.rules)) {
      for (const [at, peer] of rule.peers.entries()) {
        const selector = rule.selectors[at];
        const both = field(peer, 'namespaceSelector') !== undefined && field(peer, 'podSelector') !== undefined;
        if (!both || selector === undefined) continue;
        examined++;
        const found = findingFor(context, rule, at, selector);
        if (found !== null) findings.push(found);
      }
    }
    return conclude({ examined, findings, nothing: 'no peer has both selectors' });
  },
});

function findingFor(context: AuditContext, rule: RuleView, at: number, selector: Selector): FindingDraft | null {
  const tests = selector.type === 'and' ? selector.of : [selector];
  const ofPod = (test: Selector): boolean => test.type === 'label' && test.owner === 'pod';
  if (context.podsChosenBy(selector).length > 0) return null;
  const home: Selector = { type: 'namespace', names: [rule.policy.ref.namespace] };
  const there = context.podsChosenBy(and(...tests.filter((test) => !ofPod(test))));
  const here = context.podsChosenBy(and(home, ...tests.filter(ofPod)));
  const [subject] = rule.policy.selected;
  const [peer] = here;
  if (there.length === 0 || peer === undefined || subject === undefined) return null;
  const [source, destination] = rule.direction === 'ingress' ? [peer, subject] : [subject, peer];
  const { protocol, port } = rulePort(rule, destination);
  const { namespaceSelector, podSelector } = rule.peers[at] as { namespaceSelector: never; podSelector: never };
  const others = rule.peers.filter((_, index) => index !== at);
  const key = peerPointer(rule, at).replace(/\/\d+$/, '');
  return {
    title: `no pod meets both selectors of a peer of ${rule.policy.ref.namespace}/${rule.policy.ref.name}`,
    scope: 'rule',
    object: rule.policy.ref,
    pointer: peerPointer(rule, at),
    evidence: [
      { what: 'pods in the selected namespaces', value: nameObjects(there) },
      { what: 'pods of the own namespace that the pod selector matches', value: nameObjects(here) },
    ],
    counterexample: context.flow(source, destination, protocol, port),
    fix: replaceSpec(
      rule.policy,
      'make two peers of it',
      specWith(rule.policy, key, [...others, { namespaceSelector }, { podSelector }]),
      'only if either selector was meant to be enough: it admits every pod of those namespaces',
    ),
  };
}
