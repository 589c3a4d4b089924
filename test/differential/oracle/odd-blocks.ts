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

const isPlain = (text: string): boolean => !text.includes(':') && !isOddBlock(text);

/** NP-60, NP-61: whether Azure NPM reads a block, and so its policy. */
export function azureReads(block: unknown): boolean | 'open' {
  const cidr = str(get(block, 'cidr'));
  if (!isPlain(cidr)) return false;
  const [base, prefix = ''] = cidr.split('/');
  const isZero = prefix.startsWith('0') && base !== '0.0.0.0';
  return isZero || items(get(block, 'except')).some((one) => !isPlain(str(one))) ? 'open' : true;
}

/** Whether what it reads of one it reads as everybody does. */
export function azureReadsAlike(block: unknown): boolean {
  const except = items(get(block, 'except')).map(str);
  return str(get(block, 'cidr')) !== '0.0.0.0/00' && except.every((one) => isPlain(one) && !/\/0\d/.test(one));
}
