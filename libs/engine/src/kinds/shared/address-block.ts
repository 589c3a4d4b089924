import { NODE_CACHE } from '../../cni/node-cache.js';
import { atLeast } from '../../cni/version.js';
import { and, NONE, not, or } from '../../model/index.js';
import type { EndpointKind, Selector } from '../../model/index.js';
import type { Semantics } from '../../model/index.js';
import { blockOf, cidrForm, formatCidr, isWithin, parseCidr, parseIp } from '../../net/index.js';
import { describe } from '../../normalise/problem-list.js';
import type { ProblemList } from '../../normalise/problem-list.js';

/** Canonical CIDR text; an error and null when it is none. Host bits are masked, as old objects may have them. */
export function readCidr(value: unknown, at: string, problems: ProblemList): string | null {
  const cidr = typeof value === 'string' ? parseCidr(value) : null;
  if (cidr === null) {
    problems.error('cidr.invalid', at, `expected a block such as \`10.0.0.0/8\`, found ${describe(value)}`);
    return null;
  }
  noteForm(String(value), formatCidr(cidr), at, problems);
  if (cidr.hostBits) {
    const meant = formatCidr(cidr);
    problems.suspect(
      'cidr.host_bits',
      at,
      `\`${String(value)}\` has bits set beyond its prefix and is read as \`${meant}\``,
    );
  }
  return formatCidr(cidr);
}

function noteForm(text: string, meant: string, at: string, problems: ProblemList): void {
  const { octetZero, prefixZero, mapped } = cidrForm(text);
  if (!octetZero && !prefixZero && !mapped) return;
  const what = mapped ? 'is IPv4 written as IPv6' : 'has a zero before a number';
  problems.suspect('cidr.form', at, `\`${text}\` ${what}, which readers take apart; write \`${meant}\``);
}

/** The longest text of a block that the API server takes where it tests with `isCIDR`. */
const LONGEST = 43;

/**
 * The same as the API server's `isCIDR` has it, for fields whose schema asks for that: zeros before a number and IPv4
 * written as IPv6 are errors.
 */
export function readStrictCidr(value: unknown, at: string, problems: ProblemList): string | null {
  const why = typeof value === 'string' && parseCidr(value) !== null ? refusedForm(value) : null;
  if (why === null) return readCidr(value, at, problems);
  problems.error('cidr.form', at, `the API server refuses \`${String(value)}\`: ${why}`);
  return null;
}

function refusedForm(text: string): string | null {
  const { octetZero, prefixZero, mapped } = cidrForm(text);
  if (octetZero || prefixZero) return 'a number has a zero before it';
  if (mapped) return 'it is IPv4 written as IPv6';
  return text.length > LONGEST ? `it has more than ${LONGEST} characters` : null;
}

/** True when the block `inner` lies in `outer`; both are canonical CIDR text. */
export function blockWithin(inner: string, outer: string): boolean {
  const a = parseCidr(inner);
  const b = parseCidr(outer);
  return a !== null && b !== null && isWithin(a, b);
}

/** Endpoints whose address lies in one of `cidrs`, limited to what the CNI lets an address block match. */
export function blockSelector(cidr: string, except: readonly string[], semantics: Semantics): Selector {
  const block: Selector = { type: 'cidr', cidr, except: [...except].sort() };
  const kinds: EndpointKind[] = ['external'];
  if (semantics.cidrMatches.pods) kinds.push('pod');
  if (semantics.cidrMatches.nodes) kinds.push('hostpod', 'node');
  if (kinds.length === 4) return block;
  const matched = and({ type: 'kind', kinds }, block);
  return semantics.cidrMatches.nodes ? matched : and(matched, not(nodeAddresses(semantics)));
}

const KEPT_UNTIL = '1.17';

/**
 * Addresses that are each node's own though no node tells them, as that of its DNS cache: identities see them as the host.
 * Before 1.17 an agent that was started again could take them for outside. (CNP-46)
 */
export function nodeAddresses({ combination, options }: Semantics): Selector {
  const found = combination === 'cilium' ? (options[NODE_CACHE] ?? '') : '';
  const blocks = found.split(',').flatMap((text): Selector[] => {
    const ip = parseIp(text);
    return ip === null ? [] : [{ type: 'cidr', cidr: blockOf(ip), except: [] }];
  });
  if (blocks.length === 0) return NONE;
  const addresses = and({ type: 'kind', kinds: ['external'] }, or(...blocks));
  return atLeast(options['version'] ?? '', KEPT_UNTIL) === true ? addresses : and(addresses, MAY_BE_OUTSIDE);
}

const MAY_BE_OUTSIDE: Selector = {
  type: 'unknown',
  why: `whether the address of a node's DNS cache is the host's or outside is not certain before Cilium ${KEPT_UNTIL}`,
};

/** Endpoints with an address in any of `cidrs`. */
export function anyBlock(cidrs: readonly string[], semantics: Semantics): Selector {
  return cidrs.length === 0 ? NONE : or(...cidrs.map((cidr) => blockSelector(cidr, [], semantics)));
}
