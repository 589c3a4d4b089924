import { hash as digestOf } from 'node:crypto';
import type { KindCompleteness } from '#contracts';

/**
 * Digest of a set of objects as the XOR of one 128-bit digest an object: equal sets have equal digests in any order, and
 * the next one follows from the last by what was added and removed. `ELEMENT_SQL` computes the same in the database.
 */
export const EMPTY_FACTS_DIGEST = '0'.repeat(32);

/** SQL for one object's digest as bit(128), given the alias of a row with kind, namespace, name and hash. */
export const elementSql = (row: string): string =>
  `('x' || left(encode(sha256(convert_to(${row}.kind || '/' || ${row}.namespace || '/' || ${row}.name || '/' || ${row}.hash, 'UTF8')), 'hex'), 32))::bit(128)`;

/** One object's digest. */
export function elementDigest(kind: string, namespace: string, name: string, hash: string): bigint {
  const hex = digestOf('sha256', `${kind}/${namespace}/${name}/${hash}`, 'hex');
  return BigInt(`0x${hex.slice(0, 32)}`);
}

/** The digest of a set after these changes; every added or removed object counts once. */
export function changeDigest(before: string, changes: bigint): string {
  return (BigInt(`0x${before}`) ^ changes).toString(16).padStart(32, '0');
}

/** What `bit_xor` answers: a text of 0 and 1, null for no rows. */
export function fromBits(bits: string | null): bigint {
  return bits === null ? 0n : BigInt(`0b${bits}`);
}

/** The completeness of a snapshot as text with sorted keys. */
export function completenessText(completeness: Readonly<Record<string, KindCompleteness>>): string {
  const entries = Object.keys(completeness)
    .sort()
    .map((kind) => [kind, completeness[kind]?.complete, completeness[kind]?.reason ?? '']);
  return JSON.stringify(entries);
}

/** Digest of objects and completeness, hex. */
export function snapshotDigest(factsDigest: string, completeness: Readonly<Record<string, KindCompleteness>>): string {
  return digestOf('sha256', factsDigest + completenessText(completeness), 'hex').slice(0, 32);
}
