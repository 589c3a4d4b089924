import { field, objectLabel } from '#engine';

import type { PolicyView } from '../context/policy-view.js';
import { NETWORK_POLICY, PODS_AND_NETWORK_POLICIES, REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import { operatorTask } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** Counts beyond which a policy is hard to review, and its entries in the tables of the network plugin are many. */
const MOST_RULES = 50;
const MOST_BLOCKS = 200;
/** Peers times ports times selected pods, as a plugin writes them out one by one. */
const MOST_ENTRIES = 20_000;

/** HYG-04. */
export const check = defineCheck({
  id: 'too-broad-or-too-many',
  number: 'HYG-04',
  area: 'hygiene',
  core: false,
  title: 'a policy has more rules, blocks or entries than anyone can review',
  description:
    'Counts the rules and the address blocks of each policy, and the entries that a network plugin may write for it: pods that it selects, times peers, times ports. Finds policies with more than 50 rules, 200 blocks or 20,000 entries.',
  remediation: 'Split the policy by what it is for, and merge blocks that lie next to each other.',
  severity: 'low',
  confidence: 'likely',
  scope: 'policy',
  reads: { raw: NETWORK_POLICY },
  needs: PODS_AND_NETWORK_POLICIES,
  compliance: ['PCI-1.2.7', 'CM-6'],
  references: [REFERENCES.concepts],
  run(context) {
    const findings = context.networkPolicies.flatMap((policy): FindingDraft[] => {
      const blocks = policy.rules.flatMap(({ peers }) => peers.filter((peer) => field(peer, 'ipBlock') !== undefined));
      const entries = entriesOf(policy, (at, rule) => {
        const selector = rule.selectors[at];
        return selector === undefined ? 1 : context.podsChosenBy(selector).length;
      });
      const counts = [
        { what: 'rules', count: policy.rules.length, most: MOST_RULES },
        { what: 'address blocks', count: blocks.length, most: MOST_BLOCKS },
        { what: 'entries', count: entries, most: MOST_ENTRIES },
      ];
      const over = counts.filter(({ count, most }) => count > most);
      if (over.length === 0) return [];
      return [
        {
          title: `${objectLabel(policy.ref)} has ${over.map(({ what, count }) => `${count} ${what}`).join(' and ')}`,
          scope: 'policy',
          object: policy.ref,
          evidence: counts.map(({ what, count, most }) => ({ what, value: `${count}, at most ${most}` })),
          counterexample: null,
          fix: operatorTask(
            `split ${objectLabel(policy.ref)}`,
            'one policy for each reason to connect, so that each can be reviewed',
          ),
        },
      ];
    });
    return conclude({ examined: context.networkPolicies.length, findings, nothing: 'there is no NetworkPolicy' });
  },
});

function entriesOf(policy: PolicyView, members: (at: number, rule: PolicyView['rules'][number]) => number): number {
  const ofRules = policy.rules.map((rule) => {
    const peers = rule.peers.reduce<number>(
      (sum, peer, at) => sum + (field(peer, 'ipBlock') === undefined ? members(at, rule) : 1),
      0,
    );
    return Math.max(1, peers) * Math.max(1, rule.ports.length);
  });
  return policy.selected.length * ofRules.reduce((sum, each) => sum + each, 0);
}
