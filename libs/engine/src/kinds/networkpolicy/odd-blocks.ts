import { pointer } from '../../base/index.js';
import { ALL, NONE } from '../../model/index.js';
import type { Direction, Selector, Semantics } from '../../model/index.js';
import { cidrForm, formatCidr, parseCidr } from '../../net/index.js';
import type { ProblemList } from '../../normalise/problem-list.js';
import { blockSelector, blockWithin } from '../shared/index.js';
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
    case 'go': {
      const isRead = [written.cidr, ...written.except].every((text) => {
        const { octetZero, mapped } = cidrForm(text);
        return !octetZero && !mapped;
      });
      return isRead ? null : unread(written.cidr);
    }
    case 'ovn':
      // OVN refuses what is made of the block as a whole. (NP-50)
      return NONE;
    case 'azure-npm':
      // Numbers of prefixes are decimal; what else is odd leaves out the whole policy, or may. (NP-60, NP-61)
      return written.except.some(isOddForm) || isOddZero(written.cidr) ? unread(written.cidr) : null;
    case 'ipset':
    case 'nft': {
      const read = octalBlock({ cidr, except, written }, semantics);
      if (read === null) return unread(written.cidr);
      const within = read.except.filter((exception) => blockWithin(exception, read.cidr));
      return blockSelector(read.cidr, within, semantics);
    }
    case null:
      return null;
  }
}

/** Every address, in a form that ipset does not take. */
const isOddZero = (cidr: string): boolean => /^0\.0\.0\.0\/00+$/.test(cidr);

/** A block that whoever has to read it cannot. (NP-46, NP-49, NP-51) */
export const unread = (cidr: string): Selector => ({
  type: 'unknown',
  why: `the CNI does not read \`${cidr}\` with its exceptions`,
});

/** The block and its exceptions with octal numbers where one has a zero before it; null where they cannot be read so. (NP-51) */
export function octalBlock(
  { cidr, except, written }: Pick<RawBlock, 'cidr' | 'except' | 'written'>,
  semantics: Semantics,
): Pick<RawBlock, 'cidr' | 'except'> | null {
  const { blockReader } = dialectOf(semantics);
  if (written === null || (blockReader !== 'ipset' && blockReader !== 'nft')) return { cidr, except };
  const longest = blockReader === 'nft' ? 3 : 4;
  const read = [written.cidr, ...written.except].map((text) => asOctal(text, longest));
  const [whole = null, ...parts] = read;
  return whole === null || parts.includes(null) ? null : { cidr: whole, except: parts.filter((part) => part !== null) };
}

function asOctal(text: string, longest: number): string | null {
  const { octetZero, prefixZero, mapped } = cidrForm(text);
  if (mapped || (octetZero && text.includes(':'))) return null;
  const [address = '', prefix = ''] = text.split('/');
  if (address.split('.').some((octet) => /^0\d/.test(octet) && octet.length > longest)) return null;
  if (prefixZero && /^0+$/.test(prefix)) return null;
  const asNumber = (part: string): string =>
    /^0[0-7]+$/.test(part) ? String(Number.parseInt(part, 8)) : /^0\d/.test(part) ? 'none' : part;
  const octets = octetZero ? address.split('.').map(asNumber).join('.') : address;
  const cidr = parseCidr(`${octets}/${asNumber(prefix)}`);
  return cidr === null ? null : formatCidr(cidr);
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
