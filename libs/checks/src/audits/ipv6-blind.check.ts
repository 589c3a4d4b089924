import { field, objectLabel, parseCidr, pointer, TCP, text } from '#engine';
import type { Endpoint, Json } from '#engine';

import { somePort } from '../context/audit-context.js';
import { INTERNET_V6 } from '../context/example-address.js';
import { peersKey, type RuleView } from '../context/policy-view.js';
import { NETWORK_POLICY, PODS_AND_NETWORK_POLICIES, REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import { replaceSpec, specWith } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

const EVERYONE = { 4: '0.0.0.0/0', 6: '::/0' } as const;

/** COR-15. */
export const check = defineCheck({
  id: 'ipv6-blind',
  number: 'COR-15',
  area: 'correctness',
  core: false,
  title: 'a rule speaks of IPv4 only where pods have both families',
  description:
    'Finds rules whose blocks are all IPv4 that select pods with an IPv6 address too: the same peer is refused, or a whole family forgotten, as soon as a connection is made over IPv6.',
  remediation: 'Write the IPv6 blocks of the same peers beside the IPv4 ones.',
  severity: 'medium',
  confidence: 'likely',
  scope: 'rule',
  reads: { raw: NETWORK_POLICY },
  needs: PODS_AND_NETWORK_POLICIES,
  compliance: ['PCI-1.2.1', 'CM-6'],
  references: ['https://kubernetes.io/docs/concepts/services-networking/dual-stack/', REFERENCES.concepts],
  run(context) {
    const dual = new Set(context.pods.filter(hasBothFamilies));
    if (dual.size === 0) return { outcome: 'not-applicable', reason: 'no pod has addresses of both families' };
    const findings: FindingDraft[] = [];
    for (const rule of context.networkPolicies.flatMap((policy) => policy.rules)) {
      const subject = rule.policy.selected.find((pod) => dual.has(pod));
      const families = new Set(rule.peers.flatMap(familyOf));
      if (subject === undefined || families.size !== 1 || !families.has(4)) continue;
      const { ref } = rule.policy;
      const flow =
        rule.direction === 'ingress'
          ? context.flow(INTERNET_V6, subject, TCP, somePort(subject))
          : context.flow(subject, INTERNET_V6, TCP, 443);
      findings.push({
        title: `${objectLabel(ref)} has IPv4 blocks only, for pods with both families`,
        scope: 'rule',
        object: ref,
        pointer: rule.pointer,
        evidence: [
          {
            what: 'blocks',
            value: rule.peers
              .map((peer) => cidrOf(peer))
              .filter(Boolean)
              .join(', '),
          },
        ],
        counterexample: flow,
        fix: withTwin(rule),
      });
    }
    return conclude({ examined: dual.size, findings, nothing: '' });
  },
});

function hasBothFamilies({ ips }: Endpoint): boolean {
  return ips.some((ip) => ip.family === 4) && ips.some((ip) => ip.family === 6);
}

function cidrOf(peer: Json): string {
  return text(field(field(peer, 'ipBlock'), 'cidr'));
}

function familyOf(peer: Json): (4 | 6)[] {
  const family = parseCidr(cidrOf(peer))?.family;
  return family === undefined ? [] : [family];
}

/** Only the block for everyone has a twin that is known. */
function withTwin(rule: RuleView): FindingDraft['fix'] {
  if (!rule.peers.some((peer) => cidrOf(peer) === EVERYONE[4])) return null;
  const at = pointer(rule.pointer, peersKey(rule.direction));
  const peers = [...rule.peers, { ipBlock: { cidr: EVERYONE[6] } }];
  return replaceSpec(rule.policy, `add ${EVERYONE[6]}`, specWith(rule.policy, at, peers));
}
