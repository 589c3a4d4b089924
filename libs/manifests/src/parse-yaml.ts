import { createRequire } from 'node:module';

import { pointer as pointerTo } from '#engine';
import type * as Yaml from 'yaml';
import type { Document, LineCounter, ScalarTag } from 'yaml';

import { type DocumentFault, type DocumentResult, MAX_DEPTH, pointerSteps } from './parsed-document.js';
import { readPlainYaml } from './read-plain-yaml.js';
import type { DocumentText } from './split-documents.js';

const load = createRequire(import.meta.url);

/** The parser of all YAML, loaded when something asks for it: most documents do not. */
const parser = (): typeof Yaml => load('yaml') as typeof Yaml;

/** Aliases that one document may expand to; more is an attack, not a manifest. */
const MAX_ALIASES = 100;

/** How much of a value is told. */
const LONG_VALUE = 500;

const RENDER_FIRST = 'render it first, as with `helm template`';

/** Kubernetes reads these YAML 1.1 words as booleans too, so a label value `yes` without quotes is no string there. */
const oldBoolean: ScalarTag = {
  identify: () => false,
  default: true,
  tag: 'tag:yaml.org,2002:bool',
  test: /^(?:[Yy]es|YES|[Oo]n|ON|[Nn]o|NO|[Oo]ff|OFF)$/,
  resolve: (text) => /^(?:yes|on)$/i.test(text),
};

interface Place {
  readonly node: unknown;
  readonly depth: number;
  readonly pointer: string;
}

/** Parses one YAML document. Never throws: what is wrong comes back with its line in the file. */
export function parseYaml(source: DocumentText): DocumentResult {
  const plain = readPlainYaml(source.text);
  return plain === undefined ? parseAnyYaml(source) : parsed(source, plain.value);
}

function parsed(source: DocumentText, value: unknown, warnings: readonly DocumentFault[] = []): DocumentResult {
  const { number } = source;
  return { ok: true, document: { value, number, lineOf: (pointer) => lineOf(source, pointer), warnings } };
}

/** The same by the parser of all YAML. */
export function parseAnyYaml(source: DocumentText): DocumentResult {
  const counter = new (parser().LineCounter)();
  const lineAt = (offset: number): number => source.line + counter.linePos(offset).line - 1;
  const fault = (code: string, message: string, line: number, pointer?: string): DocumentResult => {
    const found: DocumentFault = { code, message, number: source.number, line, ...(pointer ? { pointer } : {}) };
    return { ok: false, fault: found };
  };
  let document: Document.Parsed;
  try {
    document = parse(source.text, counter);
  } catch (error) {
    if (error instanceof RangeError) return fault('manifest.too_deep', 'nested too deeply to be read', source.line);
    return fault('manifest.syntax', `not valid YAML: ${oneLine(error)}`, source.line);
  }
  const tags = document.warnings
    .filter(({ code }) => code === 'TAG_RESOLVE_FAILED')
    .map(({ pos: [offset] }) => {
      const message = tagMessage(source.text, offset);
      return { code: 'manifest.tag', message, number: source.number, line: lineAt(offset) };
    });
  const error = document.errors[0];
  if (error?.code === 'RESOURCE_EXHAUSTION') {
    return fault('manifest.too_deep', 'nested too deeply to be read', lineAt(error.pos[0]));
  }
  if (error) {
    // What is missing at the end is missing after the last line that says anything.
    const offset = Math.min(error.pos[0], source.text.trimEnd().length);
    const line = lineAt(offset);
    const tag = tags.find((found) => found.line === line);
    return fault('manifest.syntax', tag?.message ?? syntaxMessage(error.message, source.text), line);
  }
  const structure = checkStructure(document.contents);
  if (structure) return fault(structure.code, structure.message, lineAt(structure.offset), structure.pointer);
  try {
    return parsed(source, document.toJS({ maxAliasCount: MAX_ALIASES }), tags);
  } catch (thrown) {
    if (thrown instanceof ReferenceError && thrown.message.includes('Excessive alias')) {
      return fault('manifest.alias_limit', `aliases expand to more than ${MAX_ALIASES} copies`, source.line);
    }
    return fault('manifest.syntax', `not valid YAML: ${oneLine(thrown)}`, source.line);
  }
}

function parse(text: string, counter: LineCounter): Document.Parsed {
  return parser().parseDocument(text, {
    lineCounter: counter,
    prettyErrors: false,
    logLevel: 'silent',
    merge: true,
    // Checked by `checkStructure` with a set: the parser compares every pair of keys.
    uniqueKeys: false,
    customTags: (tags) => [oldBoolean, ...tags],
  });
}

/** Found again from the text when it is needed: keeping every document's tree would cost many times its size. */
function lineOf(source: DocumentText, pointer: string): number {
  const { isAlias, isMap, isScalar, isSeq, LineCounter: Counter } = parser();
  const counter = new Counter();
  const document = parse(source.text, counter);
  let node: unknown = document.contents;
  let line = source.line;
  const note = (at: unknown): void => {
    const offset = (at as { range?: readonly number[] } | null)?.range?.[0];
    if (offset !== undefined) line = source.line + counter.linePos(offset).line - 1;
  };
  note(node);
  for (const step of pointerSteps(pointer)) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find((item) => String(isScalar(item.key) ? item.key.value : item.key) === step);
      if (!pair) break;
      note(pair.key);
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      if (node === undefined) break;
      note(node);
    } else break;
  }
  return line;
}

interface StructureFault {
  readonly code: string;
  readonly message: string;
  readonly offset: number;
  readonly pointer: string;
}

function checkStructure(root: unknown): StructureFault | null {
  const { isAlias, isMap, isScalar, isSeq } = parser();
  const open: Place[] = [{ node: root, depth: 0, pointer: '' }];
  for (let place = open.pop(); place; place = open.pop()) {
    const { node, depth, pointer } = place;
    if (isSeq(node)) {
      if (depth >= MAX_DEPTH) return tooDeep(node.range?.[0] ?? 0);
      node.items.forEach((item, index) => open.push({ node: item, depth: depth + 1, pointer: `${pointer}/${index}` }));
    } else if (isMap(node)) {
      if (depth >= MAX_DEPTH) return tooDeep(node.range?.[0] ?? 0);
      const seen = new Set<string>();
      for (const { key, value } of node.items) {
        if (!isScalar(key) && !isAlias(key)) return oddKey(key);
        const name = isScalar(key) ? String(key.value) : String(key);
        const at = pointerTo(pointer, name);
        if (seen.has(name) && name !== '<<') {
          const offset = (key as { range?: readonly number[] }).range?.[0] ?? 0;
          return { code: 'manifest.duplicate_key', message: `key \`${name}\` is given twice`, offset, pointer: at };
        }
        seen.add(name);
        // Scalars and aliases have no inside: leaving them out halves the walk.
        if (isMap(value) || isSeq(value)) open.push({ node: value, depth: depth + 1, pointer: at });
      }
    }
  }
  return null;
}

/** Templates that were not rendered often parse, as maps whose keys are maps. */
function oddKey(key: unknown): StructureFault {
  const offset = (key as { range?: readonly number[] } | null)?.range?.[0] ?? 0;
  const message = `a key is not text; if this is a template, ${RENDER_FIRST}`;
  return { code: 'manifest.syntax', message, offset, pointer: '' };
}

function tooDeep(offset: number): StructureFault {
  return { code: 'manifest.too_deep', message: `nested more than ${MAX_DEPTH} levels deep`, offset, pointer: '' };
}

/** A value that begins with `!`, as the selector `!has(app)`, loses its first word when it stands without quotes. */
function tagMessage(text: string, offset: number): string {
  const [line = ''] = text.slice(offset, offset + LONG_VALUE).split('\n', 1);
  const written = (line.split(' #', 1)[0] ?? '').trimEnd();
  const [tag = ''] = written.split(' ', 1);
  const quoted = written.includes('"') ? `'${written.replaceAll("'", "''")}'` : `"${written}"`;
  return `\`${tag}\` is a YAML tag here and no part of the value; quote the value: \`${quoted}\``;
}

function syntaxMessage(message: string, text: string): string {
  const first = oneLine(message);
  if (/\{\{.*\}\}/.test(text)) {
    return `not valid YAML: it looks like a template, ${RENDER_FIRST} (${first})`;
  }
  if (/tab/i.test(first)) return `not valid YAML: tabs may not indent; use spaces (${first})`;
  return `not valid YAML: ${first}`;
}

function oneLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const line = (text.split('\n')[0] ?? '').replace(/[.:]\s*$/, '');
  return line.charAt(0).toLowerCase() + line.slice(1);
}
