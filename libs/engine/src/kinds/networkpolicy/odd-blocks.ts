import { pointer } from '../../base/index.js';
import { ALL, NONE } from '../../model/index.js';
import type { Direction, Selector, Semantics } from '../../model/index.js';
import { cidrForm } from '../../net/index.js';
import type { ProblemList } from '../../normalise/problem-list.js';
import { blockSelector } from '../shared/index.js';
import { dialectOf } from './dialect.js';
import type { RawNetworkPolicy, RawPeer } from './networkpolicy.parse.js';

type RawBlock = Extract<RawPeer, { type: 'block' }>;

/** Whether the text is one that the API server took, before Kubernetes 1.36, and that not everybody reads alike. */
export function isOddForm(text: string): boolean {
  return Object.values(cidrForm(text)).includes(true);
}

/** What a block in such a form stands for where it is read in another way than the API server does; else null. */
export function oddBlock({ cidr, except, written }: RawBlock, semantics: Semantics): Selector | null {
  if (written === null) return null;
  switch (dialectOf(semantics).blockReader) {
    case 'calico': {
      // What cannot be read leaves the rule without that limit, and without the exceptions after it. (NP-45)
      if (cidrForm(written.cidr).octetZero) return ALL;
      const unread = written.except.findIndex((text) => cidrForm(text).octetZero);
      return blockSelector(cidr, unread < 0 ? except : except.slice(0, unread), semantics);
    }
    case 'cilium':
      // A block of IPv6, in which nobody has an address. (NP-44)
      return cidrForm(written.cidr).mapped ? NONE : null;
    case 'antrea': {
      const isRead = [written.cidr, ...written.except].every((text) => {
        const { octetZero, mapped } = cidrForm(text);
        return !octetZero && !mapped;
      });
      return isRead ? null : { type: 'unknown', why: `Antrea does not read \`${written.cidr}\` with its exceptions` };
    }
    case null:
      return null;
  }
}

/** What Cilium refuses a policy for. (NP-44) */
export function refuseOddBlocks({ rules }: RawNetworkPolicy, semantics: Semantics, problems: ProblemList): void {
  if (dialectOf(semantics).blockReader !== 'cilium') return;
  for (const direction of ['ingress', 'egress'] as const satisfies readonly Direction[]) {
    for (const [index, { peers }] of rules[direction].entries()) {
      for (const peer of peers ?? []) {
        const why = peer.type === 'block' ? refusal(peer) : null;
        if (why !== null) problems.error('networkpolicy.block', pointer('/spec', direction, index), why);
      }
    }
  }
}

function refusal({ written }: RawBlock): string | null {
  if (written === null) return null;
  const { mapped } = cidrForm(written.cidr);
  for (const text of [written.cidr, ...written.except]) {
    const form = cidrForm(text);
    if (form.octetZero || form.prefixZero) return `Cilium refuses \`${text}\`: a number has a zero before it`;
    if (form.mapped !== mapped) return `to Cilium \`${text}\` is of another family than \`${written.cidr}\``;
  }
  return null;
}
