import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';

import { parseAnyYaml } from './parse-yaml.js';
import { readPlainYaml } from './read-plain-yaml.js';
import { splitDocuments } from './split-documents.js';

const ROOT = resolve(import.meta.dirname, '../../..');

/** True when the plain reader leaves a document to the parser, or reads the same of it. */
function agrees(text: string): boolean {
  const plain = readPlainYaml(text);
  if (plain === undefined) return true;
  const any = parseAnyYaml({ number: 1, line: 1, text });
  return any.ok && isDeepStrictEqual(plain.value, any.document.value);
}

const word = fc.constantFrom(
  ...['a', 'b', 'kind', 'app.kubernetes.io/name', 'f:spec', 'x-y', '10.0.0.0/8', '100m', '1.10', '007', '-1', '0x1F'],
  ...['1e3', '.5', '-', '--', '', ' ', 'yes', 'No', 'null', '~', 'true', 'a b', 'a: b', 'a:b', 'a #b', 'a#b', '#a'],
  ...["it's", '"q"', 'x\ny', 'x\n\n  y\n', 'tail ', ' head', '{}', '[]', '*a', '&a', '!a', '| a', '>', '%', '@', '`'],
  ...[
    '---',
    '...',
    '? a',
    'a:',
    ':',
    '\\n',
    'é',
    '😀',
    '2024-01-01T00:00:00Z',
    '{{ x }}',
    '__proto__',
    '<<',
    '9007199254740993',
  ],
);
const scalar = fc.oneof(word, fc.string(), fc.integer(), fc.double({ noNaN: true }), fc.boolean(), fc.constant(null));
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(word, fc.string()), tie('value'), { maxKeys: 4 }),
  ),
}));

const indent = fc.constantFrom('', '', '  ', '  ', '    ', ' ', '      ');
const piece = fc.constantFrom(
  ...[
    'a:',
    'b:',
    'c: 1',
    'd: x',
    'e: "x"',
    "f: 'x'",
    '- ',
    '-',
    '- a',
    '- a: 1',
    '- b:',
    '- - c',
    '- |',
    'g: |',
    'h: |-',
  ],
  ...[
    'i: >',
    'j: {}',
    'k: []',
    'l: {a: 1}',
    'm: [x]',
    '# note',
    'n: x # note',
    'o:   # note',
    'text',
    'p: x y',
    '"q": z',
  ],
  ...[
    "'r':  z",
    's : t',
    '---',
    '...',
    '- "u": v',
    '- w:',
    'x: - y',
    'x: a: b',
    '',
    '   ',
    'a',
    'y: |+',
    '- ""',
    'z:  -1',
  ],
);
const blockText = fc
  .array(fc.tuple(indent, piece), { minLength: 1, maxLength: 9 })
  .chain((lines) =>
    fc.constantFrom('', '\n', '\n\n').map((end) => lines.map((line) => line.join('')).join('\n') + end),
  );

function manifests(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.ya?ml$/.test(name) && !name.includes('node_modules'))
    .flatMap((name) => splitDocuments(readFileSync(join(ROOT, folder, name), 'utf8')).map(({ text }) => text));
}

describe('the plain reader of YAML', () => {
  it('says what the parser says of values in the form that it writes', () => {
    const options = fc.record({
      indentSeq: fc.boolean(),
      lineWidth: fc.constantFrom(0, 80),
      singleQuote: fc.boolean(),
      blockQuote: fc.constantFrom<(true | false | 'literal')[]>(true, false, 'literal'),
    });
    const document = fc
      .tuple(value, options)
      .map(([each, how]) => stringify(each, { ...how, aliasDuplicateObjects: false }));
    fc.assert(fc.property(document, agrees), { numRuns: 3000 });
  });

  it('says what the parser says of any lines', () => {
    fc.assert(fc.property(blockText, agrees), { numRuns: 20_000 });
  });

  it('says what the parser says of real documents, and of each with a piece that is changed', () => {
    const documents = ['test', 'deploy', 'apps/standalone', 'docs'].flatMap(manifests);
    expect(documents.length).toBeGreaterThan(200);
    expect(documents.filter((text) => !agrees(text))).toEqual([]);
    const changed = fc
      .tuple(
        fc.constantFrom(...documents.filter(({ length }) => length < 5000)),
        fc.nat(),
        fc.nat(3),
        fc.oneof(word, piece),
      )
      .map(([text, at, gone, put]) => {
        const from = at % (text.length + 1);
        return text.slice(0, from) + put + text.slice(from + gone);
      });
    fc.assert(fc.property(changed, agrees), { numRuns: 3000 });
  });

  it('reads what kubectl and Helm print', () => {
    const text = [
      '---',
      '# Source: shop/templates/web.yaml',
      'apiVersion: v1',
      'kind: Pod',
      'metadata:',
      '  annotations:',
      '    kubectl.kubernetes.io/last-applied-configuration: |',
      '      {"apiVersion":"v1"}',
      '    version: "1.10"',
      '  labels: {}',
      'spec:',
      '  containers:',
      '  - args: []',
      "    image: 'x:1' # pinned",
      '    ports:',
      '    - containerPort: 8080',
      '      name: http',
      'status:',
      '  podIP: 10.0.0.1',
    ].join('\n');
    expect(readPlainYaml(text)?.value).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        annotations: {
          'kubectl.kubernetes.io/last-applied-configuration': '{"apiVersion":"v1"}\n',
          version: '1.10',
        },
        labels: {},
      },
      spec: { containers: [{ args: [], image: 'x:1', ports: [{ containerPort: 8080, name: 'http' }] }] },
      status: { podIP: '10.0.0.1' },
    });
  });

  it('leaves to the parser what stands for something else', () => {
    const texts = [
      'a: *b',
      'a: &b c',
      'a: !!str 1',
      'a: >\n  b\n',
      'a: b\n  c',
      '{a: 1}',
      'a: 1\na: 2',
      '"a": "\\x41"',
      '\ta: b',
    ];
    expect(texts.filter((text) => readPlainYaml(text) !== undefined)).toEqual([]);
  });
});
