import { pushTo } from '../../base/index.js';
import { and, NONE, not, or } from '../../model/index.js';
import type { PeerSet, PolicyEntry, PortMatch, Selector } from '../../model/index.js';
import { alignedBlocks } from '../../net/index.js';
import { peersWithin } from '../shared/index.js';
import type { CiliumContext } from './cilium.context.js';
import type { RawRule } from './cilium.raw.js';
import { OTHER_CLUSTERS } from './entities.compile.js';
import type { PortVariant } from './ports.compile.js';

/** Between whom a rule stands. */
interface Sides {
  readonly subject: Selector;
  readonly peers: PeerSet;
  /** Those of the peers that a rule can keep out. */
  readonly refused: PeerSet;
}

type Demand = Pick<PolicyEntry, 'order' | 'action' | 'subject' | 'peers' | 'ports' | 'conditions'>;

/** Whether the rule is one that nobody passes: authentication is off, or always fails. */
function neverAuthenticates({ authentication }: RawRule, { options }: CiliumContext): boolean {
  return authentication === 'always-fails' || (authentication === 'required' && options.authenticationOff);
}

/**
 * The entries of a rule that writes a mode, which stand before all other allows. The narrowest such rule holds, so an
 * entry stands behind the denies, at a place by how much of protocol and port it names: `disabled` lets its peers pass
 * there, `required` those who have authenticated, and ends the others and whoever has no identity to show. (CNP-80 to CNP-82)
 */
export function compileAuthentication(
  rule: RawRule,
  { subject, peers, refused }: Sides,
  { ports, open, conditions }: PortVariant,
  context: CiliumContext,
): readonly Demand[] {
  const { authentication } = rule;
  if (authentication === null) return [];
  return byWidth(ports.include).flatMap(([width, include]): Demand[] => {
    const shared = {
      order: [0, width + (peers.type === 'any' ? 0.5 : 0)],
      subject,
      ports: { include, except: ports.except },
    };
    const pass = { ...shared, action: 'allow', peers, conditions: [...conditions, ...open] } as const;
    if (authentication === 'disabled') return [pass];
    const end = { ...shared, action: 'deny', peers: refused, conditions: open } as const;
    if (context.subjectIsNode || neverAuthenticates(rule, context)) return [end];
    const agents: Demand[] = [{ ...end, subject: and(subject, { type: 'kind', kinds: ['special'] }) }];
    const authenticated = { type: 'authentication', mode: 'mutual' } as const;
    return [
      { ...pass, peers: peersWithin(peers, withIdentity(context)), conditions: [...pass.conditions, authenticated] },
      { ...end, conditions: [...open, { type: 'authentication', mode: 'none' }] },
      { ...end, peers: peersWithin(refused, not(withIdentity(context))) },
      ...(context.namespace === '' ? agents : []),
    ];
  });
}

/** Pods alone are given an identity that they can show. */
function withIdentity({ options }: CiliumContext): Selector {
  return or({ type: 'kind', kinds: ['pod'] }, options.meshed ? OTHER_CLUSTERS : NONE);
}

/** The bits of protocol and port that tell one port from all. */
const BITS = { protocol: 8, port: 16 } as const;

/** Ports by how many bits of protocol and port they leave open, as the agent keeps them. */
function byWidth(include: 'any' | readonly PortMatch[]): readonly (readonly [number, 'any' | readonly PortMatch[]])[] {
  if (include === 'any') return [[BITS.protocol + BITS.port, 'any']];
  const found = new Map<number, PortMatch[]>();
  for (const match of include) {
    if (match.type === 'range') {
      for (const [from, to, bits] of alignedBlocks(match.from, match.to)) pushTo(found, bits, { ...match, from, to });
    } else pushTo(found, namesOne(match) ? 0 : BITS.port, match);
  }
  return [...found];
}

const namesOne = (match: PortMatch): boolean =>
  match.type === 'named' || (match.type === 'icmp' && match.icmpType !== null);
