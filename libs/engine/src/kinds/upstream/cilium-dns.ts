import { and } from '../../model/index.js';
import type { L7Rule, PolicyEntry } from '../../model/index.js';
import type { RawRule } from './upstream-policy.raw.js';

/**
 * Cilium learns addresses of names from the answers of its DNS proxy, so a rule with `domainNames` also allows asking
 * the cluster's DNS pods for these names (cilium/cilium pkg/k8s/cluster_network_policy.go). The API adds no such rule.
 * null for a rule without names.
 */
export function ciliumDnsEntry(rule: RawRule, entry: PolicyEntry): PolicyEntry | null {
  const names = rule.peers.flatMap((peer) => (peer.type === 'domainNames' ? peer.names : []));
  if (names.length === 0) return null;
  const dnsPods = and(
    { type: 'kind', kinds: ['pod'] },
    { type: 'label', owner: 'pod', key: 'k8s-app', op: 'in', values: ['kube-dns'] },
  );
  return {
    ...entry,
    peers: { type: 'of', selectors: [dnsPods] },
    ports: {
      include: ['dns', 'dns-tcp'].map((name) => ({ type: 'named', protocol: null, name, containers: 'main' })),
      except: [],
    },
    conditions: [{ type: 'l7', protocol: 'dns', rules: names.map(dnsRule) }],
  };
}

/** Names are compared without a trailing dot; a leading `*.` is one or more labels. */
function dnsRule(name: string): L7Rule {
  const clean = name.replace(/\.$/, '').toLowerCase();
  if (!clean.startsWith('*.')) return { fields: { name: [{ op: 'exact', value: clean }] } };
  const suffix = clean.slice(2).replaceAll('.', '\\.');
  return { fields: { name: [{ op: 'regex', value: `([^.]+\\.)+${suffix}` }] } };
}
