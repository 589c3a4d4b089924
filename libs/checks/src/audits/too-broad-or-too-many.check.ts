import { field, objectLabel } from '#engine';
import type { Endpoint, Selector } from '#engine';

import type { AuditContext } from '../context/audit-context.js';
import { DIRECTIONS, type PolicyView } from '../context/policy-view.js';
import { PODS_AND_NETWORK_POLICIES, REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import { operatorTask } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** Counts beyond which a policy is hard to review, and its entries in the tables of the network plugin are many. */
const MOST_RULES = 50;
const MOST_BLOCKS = 200;
/** Peers times ports times selected pods, as a plugin writes them out one by one. */
const MOST_ENTRIES = 20_000;

/** What Cilium's policy map of an endpoint holds unless `bpf-policy-map-max` says otherwise. */
const CILIUM_MAP_ENTRIES = 16_384;
const WITH_POLICY_MAPS: ReadonlySet<string> = new Set(['cilium', 'aks-cilium', 'gke-dataplane-v2']);

/** What an IP set of an engine holds: pods that a rule names have their addresses in one. */
interface SetLimit {
  readonly most: number;
  /** The option that says otherwise, '' for none. */
  readonly option: string;
  /** Whether there is a set for each rule, or for each of its peers. */
  readonly per: 'rule' | 'peer';
}

/** kube-router, which k3s takes with it, names no size for its sets: then the kernel's own counts. */
const KUBE_ROUTER: SetLimit = { most: 65_536, option: '', per: 'rule' };
const FELIX: SetLimit = { most: 1_048_576, option: 'max-ipset-size', per: 'peer' };
const SET_LIMITS: Readonly<Partial<Record<string, SetLimit>>> = {
  'kube-router': KUBE_ROUTER,
  k3s: KUBE_ROUTER,
  calico: FELIX,
  canal: FELIX,
};

/** HYG-04. */
export const check = defineCheck({
  id: 'too-broad-or-too-many',
  number: 'HYG-04',
  area: 'hygiene',
  core: false,
  title: 'a policy has more rules, blocks or entries than anyone can review',
  description:
    'Counts the rules and the address blocks of each policy, and the entries that a network plugin may write for it: pods that it selects, times peers, times ports. Finds policies with more than 50 rules, 200 blocks or 20,000 entries. Where Cilium enforces, finds pods, too, for which all policies together ask for more peers times ports than the policy map of an endpoint holds: what does not fit is not allowed. Where Calico, kube-router or k3s enforces, finds rules that name more pods than an IP set holds (1,048,576 or what maxIpsetSize says, and 65,536). Of Antrea, OVN-Kubernetes and the others no such limit is known.',
  remediation: 'Split the policy by what it is for, and merge blocks that lie next to each other.',
  severity: 'low',
  confidence: 'likely',
  scope: 'policy',
  reads: 'compiled',
  needs: PODS_AND_NETWORK_POLICIES,
  compliance: ['PCI-1.2.7', 'CM-6'],
  references: [
    REFERENCES.concepts,
    'https://docs.cilium.io/en/stable/network/ebpf/maps/',
    'https://docs.tigera.io/calico/latest/reference/resources/felixconfig',
    'https://github.com/cloudnativelabs/kube-router/blob/master/pkg/utils/ipset.go',
  ],
  run(context) {
    const ofPolicies = context.networkPolicies.flatMap((policy): FindingDraft[] => {
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
    const findings = [...ofPolicies, ...overfullMaps(context), ...overfullSets(context)];
    return conclude({ examined: context.networkPolicies.length, findings, nothing: 'there is no NetworkPolicy' });
  },
});

/** What is set, when it is a number that a table can have. */
const tableSize = (set: string | undefined, usual: number): number =>
  set !== undefined && /^[1-9]\d*$/.test(set) ? Number(set) : usual;

function overfullMaps(context: AuditContext): readonly FindingDraft[] {
  const { policyEngine, options } = context.snapshot.cni;
  if (!WITH_POLICY_MAPS.has(policyEngine)) return [];
  const most = tableSize(options['bpf-policy-map-max'], CILIUM_MAP_ENTRIES);
  return context.workloads.flatMap(({ ref, label, endpoints: [pod] }): readonly FindingDraft[] => {
    const needed = pod === undefined ? 0 : mapEntries(context, pod, most);
    if (needed <= most) return [];
    return [
      {
        title: `policies ask for ${needed} entries in the policy map of ${label}, which holds ${most}`,
        severity: 'high',
        scope: 'workload',
        object: ref,
        evidence: [{ what: 'bpf-policy-map-max', value: String(most) }],
        counterexample: null,
        fix: operatorTask(
          `name fewer peers of ${label}, or ports as ranges`,
          'a larger bpf-policy-map-max takes memory for each endpoint of each node',
        ),
      },
    ];
  });
}

/**
 * Pods with the same labels have one identity; each of these and each block, with each port, is an entry. 0 when not even
 * the pods would fill the map: they are counted quickly.
 */
function mapEntries(context: AuditContext, pod: Endpoint, most: number): number {
  const rules = DIRECTIONS.flatMap((direction) => context.rulesFor(pod, direction)).filter(
    ({ action, isolates, peers }) => action !== 'pass' && !isolates && peers.type !== 'none',
  );
  const count = (peer: Selector): number => (peer.type === 'cidr' ? 1 : context.podsChosenBy(peer).length);
  const atMost = rules.map(({ peers, ports }) => {
    const pods = peers.type === 'of' ? peers.selectors.reduce((sum, peer) => sum + count(peer), 0) : 1;
    return pods * (ports.include === 'any' ? 1 : ports.include.length);
  });
  if (atMost.reduce((sum, each) => sum + each, 0) <= most) return 0;
  const entries = new Set<string>();
  for (const { direction, peers, ports } of rules) {
    const whom = peers.type === 'of' ? peers.selectors.flatMap((peer) => identities(context, peer)) : ['any'];
    const open = ports.include === 'any' ? ['any'] : ports.include.map((port) => JSON.stringify(port));
    for (const peer of whom) for (const port of open) entries.add(`${direction} ${peer} ${port}`);
  }
  return entries.size;
}

function identities(context: AuditContext, peer: Selector): readonly string[] {
  if (peer.type === 'cidr') return [peer.cidr];
  return context.podsChosenBy(peer).map(({ namespace, labels }) => JSON.stringify([namespace, labels]));
}

function overfullSets(context: AuditContext): readonly FindingDraft[] {
  const { policyEngine, options } = context.snapshot.cni;
  const limit = SET_LIMITS[policyEngine];
  if (limit === undefined) return [];
  const most = tableSize(options[limit.option], limit.most);
  if (context.pods.length <= most) return [];
  return context.networkPolicies
    .flatMap(({ rules }) => rules)
    .flatMap((rule): readonly FindingDraft[] => {
      const named = rule.selectors.filter(({ type }) => type !== 'cidr').map((peer) => context.podsChosenBy(peer));
      const sets = limit.per === 'rule' ? [named.flat()] : named;
      const needed = Math.max(0, ...sets.map(addressesOf));
      if (needed <= most) return [];
      const { ref } = rule.policy;
      return [
        {
          title: `${objectLabel(ref)} names ${needed} addresses of pods at ${rule.pointer}, and an IP set holds ${most}`,
          severity: 'high',
          scope: 'rule',
          object: ref,
          pointer: rule.pointer,
          evidence: [{ what: limit.option || 'size of an IP set', value: String(most) }],
          counterexample: null,
          fix: operatorTask(
            `name fewer pods at ${rule.pointer} of ${objectLabel(ref)}`,
            'or allow the block of addresses that they are in',
          ),
        },
      ];
    });
}

/** Addresses of the family that has more: each family has sets of its own. */
function addressesOf(pods: readonly Endpoint[]): number {
  const ofFamily = (wanted: 4 | 6): number =>
    [...new Set(pods)].filter(({ ips }) => ips.some(({ family }) => family === wanted)).length;
  return Math.max(ofFamily(4), ofFamily(6));
}

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
