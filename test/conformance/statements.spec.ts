import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

const ROOT = join(import.meta.dirname, '..', '..');
const ENGINE = join(ROOT, 'libs', 'engine', 'src');
const SCENARIOS = join(import.meta.dirname, 'scenarios');
const ID = /\b[A-Z]{2,3}-\d+\b/g;

function filesBelow(folder: string, ending: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name));
}

/** Statements by number, from the first cell of each row of every `*.semantics.md`. */
function statements(): ReadonlyMap<string, string> {
  const out = new Map<string, string>();
  for (const file of filesBelow(ENGINE, '.semantics.md')) {
    for (const [, id = ''] of readFileSync(file, 'utf8').matchAll(/^\|\s*([A-Z]{2,3}-\d+)\s*\|/gm)) {
      if (out.has(id)) throw new Error(`${id} stands twice`);
      out.set(id, file);
    }
  }
  return out;
}

/** Numbers that specs name in titles and tables of cases; a title may give a range, as `CAL-20 to CAL-27`. */
function namedBySpecs(): ReadonlySet<string> {
  return new Set(
    filesBelow(ENGINE, '.spec.ts').flatMap((file) => readFileSync(file, 'utf8').split('\n').flatMap(idsIn)),
  );
}

function idsIn(line: string): readonly string[] {
  const range = /([A-Z]{2,3})-(\d+) to [A-Z]{2,3}-(\d+)/.exec(line);
  const single = line.match(ID) ?? [];
  if (range === null) return single;
  const [first, last] = [Number(range[2]), Number(range[3])];
  const inside = Array.from({ length: last - first + 1 }, (_, index) => `${range[1] ?? ''}-${first + index}`);
  return [...single, ...inside];
}

/** Numbers that scenarios list in their `statements`. */
function namedByScenarios(): ReadonlySet<string> {
  const files = filesBelow(SCENARIOS, '.scenario.yaml');
  const lines = files.map((file) => /^statements: \[(.*)\]$/m.exec(readFileSync(file, 'utf8'))?.[1]);
  const without = files.filter((_, index) => lines[index] === undefined);
  expect(without).toEqual([]);
  return new Set(lines.flatMap((line) => line?.match(ID) ?? []));
}

describe('numbered statements of the engine', () => {
  const known = statements();
  const specs = namedBySpecs();
  const scenarios = namedByScenarios();

  it('each have a spec or a scenario that names them', () => {
    expect(known.size).toBeGreaterThan(200);
    expect([...known.keys()].filter((id) => !specs.has(id) && !scenarios.has(id))).toEqual([]);
  });

  it('are all that specs and scenarios name', () => {
    const prefixes = new Set([...known.keys()].map((id) => id.split('-')[0]));
    const named = [...specs, ...scenarios].filter((id) => prefixes.has(id.split('-')[0]));
    expect(named.filter((id) => !known.has(id))).toEqual([]);
  });
});
