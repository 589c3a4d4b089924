import { field, isObject, pointer } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import type { LabelOwner, Selector } from '../../model/index.js';
import { describe } from '../../normalise/problem-list.js';
import type { ProblemList } from '../../normalise/problem-list.js';
import { blockWithin, readCidr, readLabelSelector } from '../shared/index.js';
import type { RawWorkloads } from './antrea.raw.js';

/** The items of a list; absent is empty, anything else than a list is an error. */
export function readItems(value: Json | undefined, at: string, problems: ProblemList): readonly Json[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value as readonly Json[];
  problems.error('antrea.list', at, `expected a list, found ${describe(value)}`);
  return [];
}

/** Text, '' when absent. */
export function readText(value: Json | undefined, at: string, problems: ProblemList): string {
  if (value === undefined || typeof value === 'string') return value ?? '';
  problems.error('antrea.text', at, `expected text, found ${describe(value)}`);
  return '';
}

/** A whole number of a range; null, with an error unless the field is absent. */
export function readNumber(
  value: Json | undefined,
  low: number,
  high: number,
  at: string,
  problems: ProblemList,
): number | null {
  if (value === undefined) return null;
  if (typeof value === 'number' && Number.isInteger(value) && value >= low && value <= high) return value;
  problems.error('antrea.number', at, `expected a number from ${low} to ${high}, found ${describe(value)}`);
  return null;
}

/** An object with a name and a namespace, both needed. */
export function readReference(
  value: Json,
  at: string,
  problems: ProblemList,
): { readonly namespace: string; readonly name: string } {
  const namespace = field(value, 'namespace');
  const name = field(value, 'name');
  if (typeof name === 'string' && name !== '' && typeof namespace === 'string' && namespace !== '') {
    return { namespace, name };
  }
  problems.error('antrea.reference', at, 'expected an object with `name` and `namespace`');
  return { namespace: '', name: '' };
}

function selector(value: unknown, key: string, owner: LabelOwner, at: string, problems: ProblemList): Selector | null {
  const found = field(value, key);
  return found === undefined ? null : readLabelSelector(found, owner, pointer(at, key), problems);
}

/** The selectors over workloads that appliedTo, peers and groups have in common. */
export function readWorkloads(value: unknown, at: string, problems: ProblemList): RawWorkloads {
  return {
    pods: selector(value, 'podSelector', 'pod', at, problems),
    namespaces: selector(value, 'namespaceSelector', 'namespace', at, problems),
    externalEntities: selector(value, 'externalEntitySelector', 'pod', at, problems),
  };
}

export function readNodeSelector(value: Json, at: string, problems: ProblemList): Selector {
  return readLabelSelector(value, 'node', at, problems);
}

/** A block with its exceptions, each strictly inside it; null when it cannot be read. */
export function readBlock(
  value: Json,
  at: string,
  problems: ProblemList,
): { readonly cidr: string; readonly except: readonly string[] } | null {
  warnUnknownFields(value, ['cidr', 'except'], at, problems);
  const cidr = readCidr(field(value, 'cidr'), pointer(at, 'cidr'), problems);
  if (cidr === null) return null;
  const except: string[] = [];
  for (const [index, entry] of readItems(field(value, 'except'), pointer(at, 'except'), problems).entries()) {
    const here = pointer(at, 'except', index);
    const inner = readCidr(entry, here, problems);
    if (inner === null) continue;
    if (blockWithin(inner, cidr) && inner !== cidr) except.push(inner);
    else problems.error('antrea.except', here, `\`${inner}\` must lie strictly inside \`${cidr}\``);
  }
  return { cidr, except };
}

/** Whether an address, or the first one of a block, is multicast. */
export function isMulticast(block: string): boolean {
  const [address = ''] = block.split('/');
  return address.includes(':')
    ? blockWithin(`${address}/128`, 'ff00::/8')
    : blockWithin(`${address}/32`, '224.0.0.0/4');
}

/** How many of the fields are set. */
export function countFields(value: unknown, keys: readonly string[]): number {
  return keys.filter((key) => isSet(field(value, key))).length;
}

function isSet(value: Json | undefined): boolean {
  return value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0);
}

/** The API server drops fields that the schema does not have, so a typing error changes what a policy means. */
export function warnUnknownFields(value: unknown, known: readonly string[], at: string, problems: ProblemList): void {
  if (!isObject(value)) return;
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue;
    const expected = known.map((name) => `\`${name}\``).join(', ');
    problems.suspect('antrea.unknown_field', pointer(at, key), `unknown field, ignored; expected one of ${expected}`);
  }
}
