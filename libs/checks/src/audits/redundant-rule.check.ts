import { objectLabel } from '#engine';
import type { PeerSet, PolicyEntry, PortSpec } from '#engine';

import type { AuditContext } from '../context/audit-context.js';
import type { PolicyView, RuleView } from '../context/policy-view.js';
import { SaidByOthers } from '../context/rule-coverage.js';
import { NETWORK_POLICY, REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import type { Fix } from '../fix/fix.js';
import { takenOut } from '../context/open-rules.js';
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
    const examined = context.networkPolicies.reduce((sum, { rules }) => sum + rules.length, 0);
    const findings = context.networkPolicies.flatMap((policy) => redundantOf(context, policy));
    return conclude({ examined, findings, nothing: 'no policy has a rule' });
  },
});

/** They go together: each is covered by rules that stay. */
function redundantOf(context: AuditContext, policy: PolicyView): readonly FindingDraft[] {
  const said = new SaidByOthers(context, policy.rules, ({ entry }) => (entry === null ? [] : [entry]));
  const gone = new Map<RuleView, readonly RuleView[]>();
  // Of two equal rules the later one goes, so that a report never asks for both.
  for (const rule of policy.rules.toReversed()) {
    const pieces = rule.entry === null ? [] : onePieceEach(rule.entry);
    const covering = said.covering(pieces, (other) => other !== rule && !gone.has(other));
    if (covering !== null) gone.set(rule, covering);
  }
  const redundant = policy.rules.filter((rule) => gone.has(rule));
  const fixes = takenOut(redundant);
  return redundant.map((rule) => findingFor(rule, gone.get(rule) ?? [], fixes.get(rule) ?? null));
}

/** A rule is also redundant when several others allow it together: each of its peers on each of its ports by one of them. */
function onePieceEach(entry: PolicyEntry): readonly PolicyEntry[] {
  return onePeerEach(entry.peers).flatMap((peers) =>
    onePortEach(entry.ports).map((ports) => ({ ...entry, peers, ports })),
  );
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

function findingFor(rule: RuleView, covering: readonly RuleView[], fix: Fix | null): FindingDraft {
  const { ref } = rule.policy;
  const where = covering.map(({ pointer }) => pointer).join(' and ');
  return {
    title: `${objectLabel(ref)} allows at ${rule.pointer} what ${where} ${covering.length === 1 ? 'allows' : 'allow'} already`,
    scope: 'rule',
    object: ref,
    pointer: rule.pointer,
    evidence: [{ what: 'covered by', value: where }],
    counterexample: null,
    fix,
  };
}
