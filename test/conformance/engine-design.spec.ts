import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

const ROOT = join(import.meta.dirname, '..', '..');
const ENGINE = join(ROOT, 'libs', 'engine', 'src');

/** The sources that are part of the engine itself: specs and what only they use are not. */
const sources: readonly { readonly name: string; readonly text: string }[] = readdirSync(ENGINE, {
  recursive: true,
  encoding: 'utf8',
})
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts') && !name.startsWith('testing'))
  .map((name) => ({ name, text: readFileSync(join(ENGINE, name), 'utf8') }));

const importsOf = (text: string): readonly string[] =>
  [...text.matchAll(/^(?:import|export)\b[^;]*?\bfrom '([^']+)'|\bimport\('([^']+)'\)/gm)].map(
    ([, first, second]) => first ?? second ?? '',
  );

const SURROUNDINGS =
  /\b(?:Date\.now|new Date\(\)|performance\.|Math\.random|process\.|console\.|globalThis|setTimeout|setInterval|fetch\(|localStorage)/;

describe('libs/engine', () => {
  it('imports nothing and asks nothing of its surroundings', () => {
    expect(sources.length).toBeGreaterThan(100);
    const foreign = sources.flatMap(({ name, text }) =>
      importsOf(text)
        .filter((from) => !from.startsWith('.'))
        .map((from) => `${name}: ${from}`),
    );
    expect(foreign).toEqual([]);
    const code = (text: string): string => text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
    expect(sources.filter(({ text }) => SURROUNDINGS.test(code(text))).map(({ name }) => name)).toEqual([]);
  });

  it('evaluates without knowing kinds', () => {
    const known = sources
      .filter(({ name }) => name.startsWith('eval'))
      .flatMap(({ name, text }) =>
        importsOf(text)
          .filter((from) => from.includes('/kinds/'))
          .map((from) => `${name}: ${from}`),
      );
    expect(known).toEqual([]);
  });

  it('has a test for every invariant of its design', () => {
    const design = readFileSync(join(ROOT, 'libs', 'engine', 'DESIGN.md'), 'utf8');
    const rows = [...design.matchAll(/^\| (INV-\d+) \| .+ \| `([^`]+)`: (.+) \|$/gm)];
    expect(rows.map(([, id]) => id)).toEqual(rows.map((_, index) => `INV-${index + 1}`));
    expect(rows.length).toBeGreaterThan(10);
    const missing = rows.filter(
      ([, , file = '', title = '']) => !readFileSync(join(ROOT, file), 'utf8').includes(title),
    );
    expect(missing.map(([, id]) => id)).toEqual([]);
  });
});
