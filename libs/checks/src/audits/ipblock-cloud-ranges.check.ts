import { field, formatCidr, isWithin, parseCidr, pointer, text } from '#engine';
import type { Cidr } from '#engine';

import { publishedNear, type PublishedBlock } from '../context/address-lists.js';
import { publicParts } from '../context/address-space.js';
import type { AuditContext } from '../context/audit-context.js';
import { firstAddress } from '../context/example-address.js';
import { peerPointer, type RuleView } from '../context/policy-view.js';
import { rulePort } from '../context/rule-ports.js';
import { NETWORK_POLICY, PODS_AND_NETWORK_POLICIES, REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import { operatorTask } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** A block with fewer bits is most of the internet: that is another finding. */
const TOO_WIDE: Readonly<Record<4 | 6, number>> = { 4: 6, 6: 12 };

/** EXP-05. */
export const check = defineCheck({
  id: 'ipblock-cloud-ranges',
  number: 'EXP-05',
  area: 'exposure',
  core: true,
  title: 'a rule allows a block that a cloud provider shares among its customers',
  description:
    'Finds address blocks that equal, contain or lie within a block which a cloud provider publishes as its own: to allow it is to allow every customer of that service. Where a rule has a block of public addresses it needs the providers’ published lists, and is skipped without them.',
  remediation: 'Allow the service by name, through a private endpoint, or through an egress gateway.',
  severity: 'medium',
  confidence: 'certain',
  scope: 'rule',
  reads: { raw: NETWORK_POLICY },
  needs: PODS_AND_NETWORK_POLICIES,
  settings: ['addressLists'],
  compliance: ['PCI-1.3.2', 'AC-4'],
  references: [REFERENCES.concepts, 'https://docs.aws.amazon.com/vpc/latest/userguide/aws-ip-ranges.html'],
  run(context) {
    const lists = context.settings.addressLists;
    const blocks = publicBlocks(context);
    const narrow = blocks.filter(({ block }) => block.prefix >= TOO_WIDE[block.family]);
    const [first] = narrow;
    if (lists.length === 0 && first !== undefined) {
      const more = narrow.length === 1 ? '' : ` and of ${narrow.length - 1} more`;
      return { outcome: 'skip', reason: `whose ${formatCidr(first.block)}${more} is only ${LISTS} tell` };
    }
    const findings = narrow.flatMap(({ rule, at, block }): FindingDraft[] => {
      const found = publishedNear(lists, block);
      return found === null ? [] : [findingFor(context, rule, at, block, found)];
    });
    return conclude({ examined: blocks.length, findings, nothing: 'no rule has a block of public addresses' });
  },
});

const LISTS = 'the lists that providers publish (`--address-list FILE`, on a server ANALYSIS_ADDRESS_LISTS)';

interface WrittenBlock {
  readonly rule: RuleView;
  /** Position of the peer. */
  readonly at: number;
  readonly block: Cidr;
}

/** Blocks of rules with addresses that are on the internet: a provider shares no others. */
function publicBlocks(context: AuditContext): readonly WrittenBlock[] {
  const known = new Map<string, Cidr | null>();
  const publicBlock = (written: string): Cidr | null => {
    let block = known.get(written);
    if (block === undefined) {
      block = parseCidr(written);
      if (block !== null && publicParts(block).length === 0) block = null;
      known.set(written, block);
    }
    return block;
  };
  return context.networkPolicies
    .flatMap((policy) => policy.rules)
    .flatMap((rule) =>
      rule.peers.flatMap((peer, at): WrittenBlock[] => {
        const block = publicBlock(text(field(field(peer, 'ipBlock'), 'cidr')));
        return block === null ? [] : [{ rule, at, block }];
      }),
    );
}

function findingFor(
  context: AuditContext,
  rule: RuleView,
  at: number,
  block: Cidr,
  { list, published }: PublishedBlock,
): FindingDraft {
  const { namespace, name } = rule.policy.ref;
  const who = [list.provider, list.service, list.region].filter(Boolean).join(' ');
  const outside = firstAddress(isWithin(block, published) ? block : published);
  const [subject] = rule.policy.selected;
  const size = published.to - published.from + 1n;
  const share = Number(((block.to - block.from + 1n) * 1000n) / size) / 10;
  const { protocol, port } = rulePort(rule, rule.direction === 'ingress' ? (subject ?? null) : null);
  return {
    title: `${namespace}/${name} allows ${formatCidr(block)}, which ${list.provider} shares among its customers`,
    scope: 'rule',
    object: rule.policy.ref,
    pointer: pointer(peerPointer(rule, at), 'ipBlock'),
    evidence: [
      { what: 'published block', value: `${formatCidr(published)} (${who}), list of ${list.date}` },
      { what: 'share of it', value: share >= 100 ? 'all of it' : `${share} %` },
    ],
    counterexample:
      subject === undefined
        ? null
        : rule.direction === 'ingress'
          ? context.flow(outside, subject, protocol, port)
          : context.flow(subject, outside, protocol, port),
    fix: operatorTask(
      `let ${namespace}/${name} allow what is behind ${formatCidr(block)} by name`,
      'needs a plugin that allows by name, or an egress gateway',
    ),
  };
}
