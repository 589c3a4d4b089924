import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';

import { rawNamespace, rawNetworkPolicy, rawPod, sampleObjects } from '#engine/testing';

import { manifestFacts } from './manifest-facts.js';
import { readManifests, type ManifestFile } from './index.js';

const RUNS = 300;

const CALM = [
  rawNamespace('calm'),
  rawPod('calm/a', { ip: '10.0.0.1' }),
  rawNetworkPolicy('calm/in', { podSelector: {} }),
];
const calm = file('calm.yaml', CALM.map((object) => stringify(object)).join('---\n'));

function file(path: string, text: string): ManifestFile {
  return { path, bytes: new TextEncoder().encode(text) };
}

const PIECES: readonly string[] = [
  ...['\t', ' ', '  ', '\n', '\r\n', '\u0000', '\ufeff', '\u2028', 'é', '😀', '\\', '"', "'", '`', '#', '%', '@'],
  ...[
    ': ',
    '- ',
    '? ',
    '|',
    '>',
    '|2-',
    '{',
    '}',
    '[',
    ']',
    ',',
    '{}',
    '[]',
    '---\n',
    '...\n',
    '--- |\n',
    '%YAML 1.3\n',
  ],
  ...[
    '&a ',
    '*a',
    '<<: *a\n',
    '!',
    '!!binary ',
    '!!map ',
    '!<tag:x> ',
    '~',
    'null',
    '0x',
    '1e999',
    '-0',
    '.nan',
    '.inf',
  ],
  ...[
    '__proto__: {polluted: true}\n',
    'constructor: 1\n',
    'kind: List\nitems: [',
    'apiVersion: v1\n',
    '{{ .Values.x }}',
  ],
  ...['['.repeat(2000), '{a: '.repeat(2000), '- '.repeat(2000), 'x'.repeat(20_000), '&a [*a]', '*'.repeat(500)],
];

const edit = fc.record({
  what: fc.constantFrom('insert', 'insert', 'delete', 'repeat-line', 'drop-line', 'indent-line', 'cut'),
  at: fc.nat(),
  piece: fc.constantFrom(...PIECES),
});
type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never;

function apply(text: string, { what, at, piece }: Edit): string {
  const place = at % (text.length + 1);
  const lines = text.split('\n');
  const line = at % lines.length;
  const own = lines[line] ?? '';
  switch (what) {
    case 'insert':
      return text.slice(0, place) + piece + text.slice(place);
    case 'delete':
      return text.slice(0, place) + text.slice(place + 1 + (at % 7));
    case 'cut':
      return text.slice(0, place);
    case 'repeat-line':
      return lines.toSpliced(line, 0, own).join('\n');
    case 'drop-line':
      return lines.toSpliced(line, 1).join('\n');
    default:
      return lines.with(line, ` ${own}`).join('\n');
  }
}

const sample = fc.constantFrom(...sampleObjects());
const text = fc
  .tuple(fc.array(sample, { minLength: 1, maxLength: 3 }), fc.boolean(), fc.array(edit, { minLength: 1, maxLength: 5 }))
  .map(([objects, asJson, edits]) => {
    const whole = asJson
      ? objects.map((object) => JSON.stringify(object, null, 1)).join('\n')
      : objects.map((object) => stringify(object)).join('---\n');
    return { name: asJson ? 'hostile.json' : 'hostile.yaml', content: edits.reduce(apply, whole) };
  });

/** What is read of the calm file, whatever lies beside it. */
async function factsOf(files: readonly ManifestFile[]): Promise<readonly unknown[]> {
  const { facts } = manifestFacts(await readManifests({ files }));
  return facts.filter(({ meta }) => meta.namespace === 'calm' || meta.name === 'calm');
}

describe('a file that is broken in any way', () => {
  it('costs no other file anything, and each problem names its place', async () => {
    const alone = await factsOf([calm]);
    expect(alone).toHaveLength(CALM.length);
    await fc.assert(
      fc.asyncProperty(text, async ({ name, content }) => {
        const hostile = file(name, content);
        const { problems } = await readManifests({ files: [hostile] });
        for (const problem of problems) {
          expect(problem.message).not.toBe('');
          if (problem.code !== 'manifest.more') expect(problem.file).toBe(name);
        }
        expect(await factsOf([hostile, calm])).toEqual(alone);
        expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
      }),
      { numRuns: RUNS },
    );
  }, 60_000);
});
