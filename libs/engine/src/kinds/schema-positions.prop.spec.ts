import { describe, expect, it } from '@jest/globals';

import type { CniDetection } from '../model/index.js';
import { checkHostile, CNIS } from '../testing/hostile.js';
import type { Raw } from '../testing/hostile.js';
import { sampleObjects } from '../testing/index.js';

/** About how many mutations a run tries, spread over all of them; `ATLAS_MUTATIONS=100000` is every one. */
const WANTED = Number(process.env['ATLAS_MUTATIONS'] ?? 2000);
const SEED = Number(process.env['ATLAS_SEED'] ?? Date.now() % 1_000_000_000);

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

describe(`every position of every watched kind (ATLAS_SEED=${SEED})`, () => {
  const places = (sampleObjects() as readonly Raw[]).flatMap((sample) =>
    positions(sample).map((path) => ({ sample, path })),
  );
  const names = Object.keys(MUTATIONS);
  const all = places.length * names.length;
  const stride = Math.max(1, Math.floor(all / WANTED));
  // A stride that divides evenly would only ever come to the same few mutations.
  const step = stride % names.length === 0 ? stride + 1 : stride;

  it('stands mutations without a throw, with pointers, and leaves others alone', () => {
    let tried = 0;
    for (let at = SEED % step; at < all; at += step) {
      const { sample, path } = places[Math.floor(at / names.length)] as (typeof places)[number];
      const name = names[at % names.length] as string;
      const raw = JSON.parse(JSON.stringify(sample)) as Raw;
      try {
        checkHostile(
          [mutated(raw, path, MUTATIONS[name] as Mutation) as Raw],
          CNIS[(SEED + at) % CNIS.length] as CniDetection,
        );
      } catch (error) {
        throw new Error(`ATLAS_SEED=${SEED} ${String(sample['kind'])} /${path.join('/')}: ${name}`, { cause: error });
      }
      tried += 1;
    }
    process.stdout.write(`positions: ${tried} of ${all} mutations, seed ${SEED}\n`);
    expect(tried).toBeGreaterThan(Math.min(WANTED, all) / 2);
  }, 1_200_000);
});
