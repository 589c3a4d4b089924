import { field, list, path, pointer, text } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import type { Direction, PolicyFact, Semantics } from '../../model/index.js';
import { cidrForm } from '../../net/index.js';
import type { RawNetworkPolicy } from './networkpolicy.parse.js';

/** Why Azure NPM programs nothing of a policy. */
export interface LeftOut {
  readonly at: string;
  readonly why: string;
  /** False where releases differ, and which they are is not in the sources. */
  readonly isCertain: boolean;
}

const PEERS = { ingress: 'from', egress: 'to' } as const;

/**
 * Azure NPM leaves out a policy as a whole where it cannot translate one of its blocks, and isolates nobody by it. A
 * direction with a rule for everything is never translated further. (NP-60, NP-61)
 */
export function leftOutByAzure(
  { raw }: PolicyFact,
  { types }: RawNetworkPolicy,
  { networkPolicyOf }: Semantics,
): LeftOut | null {
  if (networkPolicyOf !== 'azure-npm') return null;
  const found = types.flatMap((direction) => inDirection(list(path(raw, 'spec', direction)), direction));
  return found.find(({ isCertain }) => isCertain) ?? found[0] ?? null;
}

function inDirection(rules: readonly Json[], direction: Direction): readonly LeftOut[] {
  const key = PEERS[direction];
  const isForAll = (rule: Json): boolean => [key, 'ports'].every((name) => list(field(rule, name)).length === 0);
  if (rules.some(isForAll)) return [];
  return rules.flatMap((rule, index) =>
    list(field(rule, key)).flatMap((peer, place) =>
      ofBlock(field(peer, 'ipBlock'), pointer('/spec', direction, index, key, place, 'ipBlock')),
    ),
  );
}

function ofBlock(block: Json | undefined, at: string): readonly LeftOut[] {
  const cidr = text(field(block, 'cidr'));
  if (cidr === '') return [];
  const why = `Azure NPM cannot read \`${cidr}\`, and leaves out the policy`;
  if (!isIpv4(cidr)) return [{ at, why, isCertain: true }];
  if (isOtherZero(cidr)) return [{ at, why: `${why} until September 2026`, isCertain: false }];
  const odd = list(field(block, 'except'))
    .map(text)
    .find((one) => !isIpv4(one));
  if (odd === undefined) return [];
  return [{ at, why: `Azure NPM may not read \`${odd}\`, and leave out the policy`, isCertain: false }];
}

/** As Go reads addresses: no number begins with a zero, and IPv4 is not written as IPv6. */
function isIpv4(cidr: string): boolean {
  const { octetZero, mapped } = cidrForm(cidr);
  return !octetZero && !mapped && !cidr.includes(':');
}

/** What looked like a block of all addresses under another name, prefixes with a zero before them too. */
const isOtherZero = (cidr: string): boolean => cidr.includes('/0') && !cidr.startsWith('0.0.0.0/');
