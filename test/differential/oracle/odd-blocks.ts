import type { Conventions } from './cluster.js';
import { get, items, str } from './fields.js';

/** IPv4 with a zero before a number of the address. */
export const isOddBlock = (text: string): boolean =>
  !text.includes(':') &&
  text
    .split(/[./]/)
    .slice(0, 4)
    .some((part) => /^0\d/.test(part));

/** NP-51: a block and its exceptions with their numbers as octal ones; null where they cannot be. */
export function inOctal(
  block: unknown,
  { networkPolicyOf }: Conventions,
): { readonly cidr: string; readonly except: readonly string[] } | null {
  const numbers = (text: string): string | null => {
    if (text.includes(':')) return text;
    const parts = text.split(/[./]/);
    const fourDigits = parts.slice(0, 4).some((part) => part.length > 3);
    if (/\/00+$/.test(text) || (networkPolicyOf === 'kube-router-nftables' && fourDigits)) return null;
    if (parts.some((part) => /^0\d*[89]/.test(part))) return null;
    const read = parts.map((part) => (part.startsWith('0') ? Number.parseInt(part, 8) : Number(part)));
    return `${read.slice(0, 4).join('.')}/${read[4] ?? ''}`;
  };
  const cidr = numbers(str(get(block, 'cidr')));
  const except = items(get(block, 'except')).map((one) => numbers(str(one)));
  return cidr === null || except.includes(null) ? null : { cidr, except: except.filter((one) => one !== null) };
}
