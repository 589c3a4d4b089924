import { field, formatCidr, isWithin, list, objectLabel, parseCidr, pointer, TCP, text } from '#engine';
import type { Cidr, Json } from '#engine';

import { somePort, type AuditContext } from '../context/audit-context.js';
import { firstAddress } from '../context/example-address.js';
import { peerPointer, type RuleView } from '../context/policy-view.js';
import { NETWORK_POLICY, PODS_AND_NETWORK_POLICIES, REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import { replaceSpec, specWith } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** COR-13. */
export const check = defineCheck({
  id: 'cidr-and-port-range-sanity',
  number: 'COR-13',
  area: 'correctness',
  core: false,
  title: 'a block of addresses does not say what it seems to say',
  description:
    'Finds blocks with bits behind their prefix, which plugins cut off or refuse, and exceptions that leave nothing of their block. Blocks and port ranges that the API server refuses are told as problems of their objects.',
  remediation: 'Write the block as its first address, and take out exceptions that leave nothing.',
  severity: 'medium',
  confidence: 'certain',
  scope: 'rule',
  reads: { raw: NETWORK_POLICY },
  needs: PODS_AND_NETWORK_POLICIES,
  compliance: ['PCI-1.2.1', 'CM-6'],
  references: [REFERENCES.concepts, REFERENCES.api],
  run(context) {
    const findings: FindingDraft[] = [];
    let examined = 0;
    for (const rule of context.networkPolicies.flatMap((policy) => policy.rules)) {
      for (const [at, peer] of rule.peers.entries()) {
        const block = field(peer, 'ipBlock');
        if (block === undefined) continue;
        examined++;
        const found = emptied(context, rule, at, block) ?? uncut(rule, at, block);
        if (found !== null) findings.push(found);
      }
    }
    return conclude({ examined, findings, nothing: 'no rule has a block of addresses' });
  },
});

/** A block whose exceptions hold all of it. */
function emptied(context: AuditContext, rule: RuleView, at: number, block: Json): FindingDraft | null {
  const cidr = parseCidr(text(field(block, 'cidr')));
  if (cidr === null) return null;
  const except = list(field(block, 'except')).map((entry) => parseCidr(text(entry)));
  const parts = except.filter((part) => part !== null).filter((part) => isWithin(part, cidr));
  if (!fill(cidr, parts)) return null;
  const [subject] = rule.policy.selected;
  const outside = firstAddress(cidr);
  const here = pointer(peerPointer(rule, at), 'ipBlock');
  return {
    title: `${objectLabel(rule.policy.ref)} allows ${formatCidr(cidr)} and excepts all of it`,
    scope: 'rule',
    object: rule.policy.ref,
    pointer: here,
    evidence: [{ what: 'exceptions', value: parts.map(formatCidr).join(', ') }],
    counterexample:
      subject === undefined
        ? null
        : rule.direction === 'ingress'
          ? context.flow(outside, subject, TCP, somePort(subject))
          : context.flow(subject, outside, TCP, 443),
    fix: replaceSpec(
      rule.policy,
      'take the exceptions out',
      specWith(rule.policy, pointer(here, 'except'), undefined),
      'this opens the block: only if that was meant; otherwise take the peer away',
    ),
  };
}

/** Whether parts of a block, put together, are all of it. */
function fill(block: Cidr, parts: readonly Cidr[]): boolean {
  let next = block.from;
  for (const part of parts.toSorted((a, b) => (a.from < b.from ? -1 : 1))) {
    if (part.from > next) return false;
    if (part.to >= next) next = part.to + 1n;
  }
  return next > block.to;
}

/** A block that is not written as its first address. */
function uncut(rule: RuleView, at: number, block: Json): FindingDraft | null {
  const written = text(field(block, 'cidr'));
  const cidr = parseCidr(written);
  if (!cidr?.hostBits) return null;
  const here = pointer(peerPointer(rule, at), 'ipBlock', 'cidr');
  return {
    title: `${objectLabel(rule.policy.ref)} writes ${written} for ${formatCidr(cidr)}`,
    scope: 'rule',
    object: rule.policy.ref,
    pointer: here,
    evidence: [
      { what: 'as written', value: written },
      { what: 'what it means', value: formatCidr(cidr) },
    ],
    counterexample: null,
    fix: replaceSpec(rule.policy, `write ${formatCidr(cidr)}`, specWith(rule.policy, here, formatCidr(cidr))),
  };
}
