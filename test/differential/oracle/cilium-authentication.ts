import { isCiliumEndpoint } from './cilium-identity.js';
import { peersFieldOf, type Side } from './cilium-peers.js';
import { get, has, items, str } from './fields.js';
import { peerOf, subjectOf, type Scene } from './network-policy.js';

/** What the two sides are asked, least first. */
export type Demand = 'none' | 'required' | 'fails';
const DEMANDS: readonly Demand[] = ['none', 'required', 'fails'];

/** A rule that writes a mode and is about the packet. */
export interface Asking {
  /** Bits of protocol and port that it leaves open; a half more for any peer. */
  readonly width: number;
  readonly demand: Demand;
}

/** CNP-82: pods alone have an identity to show. */
export function demandOf(rule: unknown, scene: Scene): Demand {
  const mode = str(get(rule, 'authentication', 'mode'));
  if (mode === 'disabled') return 'none';
  const canShow = [subjectOf(scene), peerOf(scene)].every(isCiliumEndpoint);
  return mode === 'required' && canShow ? 'required' : 'fails';
}

/** CNP-81: certain peers are narrower than any. */
export function isForAnyPeer(rule: unknown, side: Side): boolean {
  if (peersFieldOf(rule, side, 'allow') === null) return true;
  const prefix = side.scene.direction === 'ingress' ? 'from' : 'to';
  return items(get(rule, `${prefix}Entities`)).includes('all');
}

/** CNP-81: the bits that a port of a rule leaves open around the one that is asked for. */
export function widthOfPort(port: unknown, asked: number): number {
  const text = str(get(port, 'port'));
  if (!/^\d+$/.test(text)) return 0;
  const first = Number(text);
  if (first === 0 && !has(port, 'endPort')) return 16;
  const last = Math.max(first, Number(get(port, 'endPort') ?? first));
  const isWithin = (bits: number): boolean => {
    const start = Math.floor(asked / 2 ** bits) * 2 ** bits;
    return first <= start && start + 2 ** bits - 1 <= last;
  };
  let bits = 0;
  while (bits < 16 && isWithin(bits + 1)) bits++;
  return bits;
}

/** CNP-81: what the narrowest asks, of equal ones the strictest. */
export function narrowestDemand(rules: readonly Asking[]): Demand {
  const least = Math.min(...rules.map(({ width }) => width));
  const here = rules.filter(({ width }) => width === least).map(({ demand }) => demand);
  return DEMANDS.findLast((demand) => here.includes(demand)) ?? 'none';
}
