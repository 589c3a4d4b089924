import { pointer } from '../base/index.js';
import { kindId, objectKey, objectRef } from '../model/index.js';
import type { Fact, ObjectRef } from '../model/index.js';

/** One value of a fact that differs. `undefined` on the side that does not have it. */
export interface ValueChange {
  /** JSON pointer into the fact (RFC 6901). */
  readonly pointer: string;
  readonly before: unknown;
  readonly after: unknown;
}

export interface ObjectChange {
  readonly type: 'added' | 'removed' | 'changed';
  readonly object: ObjectRef;
  /** What differs, in the order of the fact's keys; empty for what came or went. */
  readonly values: readonly ValueChange[];
}

/** The objects that came, went or changed between two states, by kind, namespace and name. */
export function objectDrift(before: Iterable<Fact>, after: Iterable<Fact>): readonly ObjectChange[] {
  const known = new Map<string, Fact>();
  for (const fact of before) known.set(objectKey(fact.meta), fact);
  const out: ObjectChange[] = [];
  for (const fact of after) {
    const key = objectKey(fact.meta);
    const earlier = known.get(key);
    known.delete(key);
    if (earlier === undefined) out.push({ type: 'added', object: objectRef(fact.meta), values: [] });
    else if (!alike(earlier, fact)) {
      const values = valueChanges(earlier, fact);
      if (values.length > 0) out.push({ type: 'changed', object: objectRef(fact.meta), values });
    }
  }
  for (const fact of known.values()) out.push({ type: 'removed', object: objectRef(fact.meta), values: [] });
  const key = ({ object }: ObjectChange): string => `${kindId(object)}\0${object.namespace}\0${object.name}`;
  return out.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** The values that differ between two plain values, in the order of their keys. */
export function valueChanges(before: unknown, after: unknown): readonly ValueChange[] {
  const values: ValueChange[] = [];
  compare(before, after, '', values);
  return values;
}

/** Nearly all facts of two states are alike: that is found without a pointer being written. */
function alike(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((value, i) => alike(value, b[i]));
  if (!isRecord(a) || !isRecord(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && alike(a[key], b[key]));
}

function compare(before: unknown, after: unknown, at: string, into: ValueChange[]): void {
  if (before === after) return;
  if (Array.isArray(before) && Array.isArray(after)) {
    compareLists(before, after, at, into);
    return;
  }
  if (isRecord(before) && isRecord(after)) {
    for (const key of Object.keys(before)) compare(before[key], own(after, key), pointer(at, key), into);
    for (const key of Object.keys(after)) {
      if (!Object.hasOwn(before, key)) compare(undefined, after[key], pointer(at, key), into);
    }
    return;
  }
  into.push({ pointer: at, before, after });
}

/** What both lists begin and end with stays out, so that an entry put in between is told as that one entry. */
function compareLists(before: readonly unknown[], after: readonly unknown[], at: string, into: ValueChange[]): void {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && alike(before[start], after[start])) start++;
  let end = 0;
  while (end < shorter - start && alike(before.at(-1 - end), after.at(-1 - end))) end++;
  const inside = Math.max(before.length, after.length) - end;
  for (let i = start; i < inside; i++) {
    const [was, is] = [before, after].map((list) => (i < list.length - end ? list[i] : undefined));
    compare(was, is, pointer(at, i), into);
  }
}

function own(value: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const shown = (value: unknown): string => (value === undefined ? '(absent)' : JSON.stringify(value));

/** A change in one line, as `/spec/podSelector/matchLabels/app: "web" → "api"`. */
export function describeValueChange({ pointer: at, before, after }: ValueChange): string {
  return `${at}: ${shown(before)} → ${shown(after)}`;
}
