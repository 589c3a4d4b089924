import { pointer } from '#engine';
import type { Endpoint, Json, JsonObject } from '#engine';

import { nameObjects, type AuditContext } from '../context/audit-context.js';
import { peerReadings, type PeerReadings } from '../context/peer-readings.js';
import { peerPointer, peersKey, type RuleView } from '../context/policy-view.js';
import { rulePort } from '../context/rule-ports.js';
import { PODS_AND_NETWORK_POLICIES, NETWORK_POLICY, REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import { replaceSpec, withValueAt } from '../fix/make-fix.js';
import type { Fix } from '../fix/fix.js';
import { conclude, type Counterexample, type FindingDraft } from '../model/finding.js';

/** COR-01. */
export const check = defineCheck({
  id: 'selector-and-or-confusion',
  number: 'COR-01',
  area: 'correctness',
  core: true,
  title: 'two peers stand where one with both selectors was meant',
  description:
    'A namespace selector and a pod selector as two list items mean any pod of those namespaces, or those pods in the policy’s own namespace. Compares the pods of both readings: likely a mistake when the pod selector matches nothing in the own namespace and something in the selected ones, a guess, which weighs little, when it matches in both. Where no pod matches both, two peers were meant and nothing is said.',
  remediation: 'Put both selectors into one peer: remove the dash before the second one.',
  severity: 'high',
  confidence: 'likely',
  scope: 'rule',
  reads: { raw: NETWORK_POLICY },
  needs: PODS_AND_NETWORK_POLICIES,
  compliance: ['AC-4', 'PCI-1.2.1'],
  references: [REFERENCES.concepts],
  run(context) {
    const findings: FindingDraft[] = [];
    let examined = 0;
    for (const rule of context.networkPolicies.flatMap((policy) => policy.rules)) {
      if (rule.entry === null || rule.selectors.length !== rule.peers.length) continue;
      examined++;
      const found = peerReadings(context, rule);
      if (found !== null) findings.push(finding(context, rule, found));
    }
    return conclude({ examined, findings, nothing: 'no policy has a rule' });
  },
});

function finding(context: AuditContext, rule: RuleView, found: PeerReadings): FindingDraft {
  const { meant, surplus, likely } = found;
  return {
    title: `${rule.policy.ref.namespace}/${rule.policy.ref.name} admits ${meant.length + surplus.length} pods where ${meant.length === 1 ? '1 was' : `${meant.length} were`} probably meant`,
    severity: likely ? 'high' : 'low',
    confidence: likely ? 'likely' : 'guess',
    scope: 'rule',
    object: rule.policy.ref,
    pointer: peerPointer(rule, found.pods),
    evidence: [
      { what: 'as written (either selector)', value: nameObjects([...meant, ...surplus]) },
      { what: 'as one peer (both selectors)', value: nameObjects(meant) },
    ],
    counterexample: surplusFlow(context, rule, surplus),
    fix: mergedPeer(rule, found),
  };
}

function surplusFlow(context: AuditContext, rule: RuleView, surplus: readonly Endpoint[]): Counterexample | null {
  const [subject] = rule.policy.selected;
  const [peer] = surplus;
  if (subject === undefined || peer === undefined) return null;
  const [source, destination] = rule.direction === 'ingress' ? [peer, subject] : [subject, peer];
  const { protocol, port } = rulePort(rule, destination);
  return context.flow(source, destination, protocol, port);
}

function mergedPeer(rule: RuleView, { namespaces, pods }: PeerReadings): Fix {
  const one = { ...(rule.peers[namespaces] as JsonObject), ...(rule.peers[pods] as JsonObject) };
  const peers = rule.peers.flatMap((peer, at): Json[] => (at === namespaces ? [one] : at === pods ? [] : [peer]));
  const at = pointer(rule.pointer, peersKey(rule.direction)).replace(/^\/spec/, '');
  const spec = withValueAt(rule.policy.spec, at, peers) as JsonObject;
  return replaceSpec(
    rule.policy,
    'merge the two peers into one',
    spec,
    'only if both selectors were meant to hold at once',
  );
}
