import { objectLabel } from '#engine';
import type { KnownNamespaces, PeerSet, PortSpec } from '#engine';

import type { AuditContext } from '../context/audit-context.js';
import type { RuleView } from '../context/policy-view.js';
import { coversPeers, coversPorts, knownNamespaces } from '../context/rule-coverage.js';
import { NETWORK_POLICY, REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import { withoutRule } from '../context/open-rules.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** HYG-02. */
export const check = defineCheck({
  id: 'redundant-rule',
  number: 'HYG-02',
  area: 'hygiene',
  core: false,
  title: 'a rule allows nothing that other rules of its policy do not allow',
  description:
    'Finds rules of which every peer on every port lies within another rule of the same policy and direction, so that taking the rule away changes no connection, of pods that are there or still to come.',
  remediation: 'Take the rule out: what it allows is allowed all the same.',
  severity: 'low',
  confidence: 'certain',
  scope: 'rule',
  reads: { raw: NETWORK_POLICY },
  needs: [NETWORK_POLICY],
  compliance: ['PCI-1.2.7', 'CM-6'],
  references: [REFERENCES.concepts],
  run(context) {
    const known = knownNamespaces(context);
    const findings: FindingDraft[] = [];
    let examined = 0;
    for (const { rules } of context.networkPolicies) {
      const gone = new Set<RuleView>();
      examined += rules.length;
      // Of two equal rules the later one goes, so that a report never asks for both.
      for (const rule of rules.toReversed()) {
        const others = rules.filter(
          (other) => other !== rule && other.direction === rule.direction && !gone.has(other),
        );
        const covering = coveredBy(rule, others, known);
        if (covering.length === 0) continue;
        gone.add(rule);
        findings.push(findingFor(context, rule, covering));
      }
    }
    return conclude({ examined, findings: findings.toReversed(), nothing: 'no policy has a rule' });
  },
});

/** Rules that together allow all that `rule` does: each of its peers on each of its ports by one of them. Empty for none. */
function coveredBy(rule: RuleView, others: readonly RuleView[], known: KnownNamespaces): readonly RuleView[] {
  const { entry } = rule;
  if (entry === null) return [];
  const used = new Set<RuleView>();
  for (const peers of onePeerEach(entry.peers)) {
    for (const ports of onePortEach(entry.ports)) {
      const by = others.find(
        (other) =>
          other.entry !== null && coversPeers(other.entry.peers, peers, known) && coversPorts(other.entry.ports, ports),
      );
      if (by === undefined) return [];
      used.add(by);
    }
  }
  return [...used];
}

function onePeerEach(peers: PeerSet): readonly PeerSet[] {
  return peers.type === 'of' ? peers.selectors.map((selector) => ({ type: 'of', selectors: [selector] })) : [peers];
}

function onePortEach(ports: PortSpec): readonly PortSpec[] {
  const { include } = ports;
  return include === 'any' || ports.except.length > 0
    ? [ports]
    : include.map((port) => ({ ...ports, include: [port] }));
}

function findingFor(context: AuditContext, rule: RuleView, covering: readonly RuleView[]): FindingDraft {
  const { ref } = rule.policy;
  const where = covering.map(({ pointer }) => pointer).join(' and ');
  return {
    title: `${objectLabel(ref)} allows at ${rule.pointer} what ${where} ${covering.length === 1 ? 'allows' : 'allow'} already`,
    scope: 'rule',
    object: ref,
    pointer: rule.pointer,
    evidence: [{ what: 'covered by', value: where }],
    counterexample: null,
    fix: withoutRule(context, ref, rule.pointer),
  };
}
