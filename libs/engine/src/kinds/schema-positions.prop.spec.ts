import { describe, it } from '@jest/globals';
import fc from 'fast-check';

import { checkHostile, CNIS } from '../testing/hostile.js';
import type { Raw } from '../testing/hostile.js';
import { sampleObjects } from '../testing/index.js';

/** Of some 77,000 that there are; another run tries others. */
const RUNS = 1500;

type Path = readonly (string | number)[];
type Mutation = (old: unknown) => unknown;

const nested = (depth: number): unknown => {
  let value: unknown = 'x';
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { a: value };
  return value;
};
const fieldsOf = (old: unknown): Readonly<Record<string, unknown>> =>
  typeof old === 'object' && old !== null && !Array.isArray(old) ? (old as Record<string, unknown>) : {};

/** What is put in place of a value, whatever the schema wants there. `undefined` takes the field out. */
const MUTATIONS: Readonly<Record<string, Mutation>> = {
  absent: () => undefined,
  null: () => null,
  'a truth value': () => true,
  'a text for anything else': (old) => (typeof old === 'string' ? 7 : 'x'),
  'a list for anything else': (old) => (Array.isArray(old) ? {} : [old]),
  'an object for anything else': (old) => (typeof old === 'object' ? 'x' : { x: old }),
  'no elements': () => [],
  'no fields': () => ({}),
  'a huge list': (old) =>
    Array.from({ length: 3000 }, (_, i): unknown => (Array.isArray(old) ? old[i % old.length] : old)),
  'deep nesting': () => nested(20_000),
  'keys of a prototype': (old) => ({
    ...fieldsOf(old),
    ...(JSON.parse('{"__proto__":{"x":1},"constructor":{"prototype":{}},"toString":"x"}') as object),
  }),
  'an unknown field': (old) => ({ ...fieldsOf(old), noSuchField: [{ port: 80 }] }),
  'an unknown word': () => 'NoSuchWord',
  'a word in other letters': (old) => (typeof old === 'string' ? old.toLowerCase() : 'tcp'),
  'an unclosed selector': () => "has(a) && (b == 'c",
  'an unknown operator': () => ({ matchExpressions: [{ key: 'app', operator: 'Near', values: ['a'] }] }),
  'an operator without values': () => ({ matchExpressions: [{ key: 'app', operator: 'In', values: [] }] }),
  'overlapping blocks': () => ['10.0.0.0/8', '10.0.0.0/8', '10.1.0.0/16'],
  'an exception outside': () => ({ cidr: '10.0.0.0/24', except: ['11.0.0.0/8', '10.0.0.0/8'] }),
  'bits of hosts': () => '10.1.2.3/8',
  'leading zeros': () => '010.001.0.0/08',
  'the other family': () => 'fd00::/129',
  'a negative number': () => -1,
  'one port too many': () => 65_536,
  'half a port': () => 80.5,
  'a port with zeros': () => '080',
  'ports backwards': () => '90:80',
  'an end before its port': (old) => ({ ...fieldsOf(old), port: 90, endPort: 80 }),
  'more than a number holds': () => 1e308,
  'a long text': () => 'x'.repeat(100_000),
};

/** Every position of an object, down to its scalars; not its kind, so that it stays the one it was picked for. */
function positions(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return path.length === 0 ? [] : [path];
  const below = Object.entries(value).flatMap(([key, child]) => {
    if (path.length === 0 && (key === 'kind' || key === 'apiVersion')) return [];
    return positions(child, [...path, Array.isArray(value) ? Number(key) : key]);
  });
  return path.length === 0 ? below : [path, ...below];
}

function mutated(value: unknown, [step, ...rest]: Path, mutation: Mutation): unknown {
  if (step === undefined) return mutation(value);
  const copy: unknown = Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) };
  const fields = copy as Record<string | number, unknown>;
  const next = mutated(fields[step], rest, mutation);
  if (next !== undefined) fields[step] = next;
  else if (Array.isArray(copy)) copy.splice(Number(step), 1);
  else Reflect.deleteProperty(fields, step);
  return copy;
}

describe('every position of every watched kind', () => {
  const places = (sampleObjects() as readonly Raw[]).flatMap((sample) =>
    positions(sample).map((path) => ({ sample, path })),
  );
  const attempt = fc.record({
    place: fc.constantFrom(...places),
    mutation: fc.constantFrom(...Object.keys(MUTATIONS)),
    cni: fc.constantFrom(...CNIS),
  });

  it('stands mutations without a throw, with pointers, and leaves others alone', () => {
    fc.assert(
      fc.property(attempt, ({ place: { sample, path }, mutation, cni }) => {
        const raw = JSON.parse(JSON.stringify(sample)) as Raw;
        checkHostile([mutated(raw, path, MUTATIONS[mutation] as Mutation) as Raw], cni);
      }),
      { numRuns: RUNS },
    );
  }, 120_000);
});
