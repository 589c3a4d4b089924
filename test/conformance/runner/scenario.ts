import { basename, dirname } from 'node:path';

import { parseAllDocuments } from 'yaml';

import { isCniId } from '#engine';

import type { CaseCni, CaseReading, ConformanceCase, ExpectedQuery } from './case.js';

const SUFFIX = '.scenario.yaml';
const COLUMNS = ['from', 'to', 'port', 'verdict', 'because'];
/** Of a cluster with a CNI: what it makes of policies, and beside it what they say. */
const BOTH_COLUMNS = ['from', 'to', 'port', 'verdict', 'written', 'because'];
const VERDICTS = ['allow', 'deny', 'unknown'];
const FIELDS = ['kind', 'source', 'statements', 'cni', 'table'];

/**
 * Reads one scenario: Kubernetes manifests, and one document `kind: Scenario` without an apiVersion that holds `source`,
 * `statements` and `table`. The table is a text with one line a question: from, to, port, verdict, because, separated by
 * `|`. Peers are written as in the corpora; a bare `namespace/name` is a pod. The port is `TCP/80`, `80` (TCP) or `ICMP`.
 * The file's name states the claim, its folder the policy kind.
 *
 * A document with `cni: {name, version, options}` is of a cluster that is known to run this CNI, by the id of its profile;
 * version and options may be left out. Verdicts are then what it enforces; a column `written` before the last one has
 * what policies say.
 */
export function readScenario(path: string, text: string): ConformanceCase {
  const documents = parseAllDocuments(text);
  const broken = documents.flatMap((document) => document.errors)[0];
  if (broken !== undefined) throw new Error(`${path}: ${broken.message}`);
  const objects = documents
    .map((document) => document.toJS() as Record<string, unknown> | null)
    .filter((object) => object !== null);
  const [header, ...more] = objects.filter(
    (object) => object['kind'] === 'Scenario' && object['apiVersion'] === undefined,
  );
  if (header === undefined) throw new Error(`${path}: no document has kind \`Scenario\``);
  // A case is told by the name of its file, so a second table would be a case without one.
  if (more.length > 0)
    throw new Error(`${path}: ${more.length + 1} documents have kind \`Scenario\`, put each in a file`);
  const odd = Object.keys(header).find((key) => !FIELDS.includes(key));
  if (odd !== undefined) throw new Error(`${path}: the scenario has \`${odd}\`, which is none of ${FIELDS.join(', ')}`);
  if (typeof header['source'] !== 'string') throw new Error(`${path}: the scenario names no source`);
  if (typeof header['table'] !== 'string') throw new Error(`${path}: the scenario has no table`);
  const manifests = objects.filter((object) => object !== header);
  const cni = readCni(path, header['cni']);
  return {
    folder: dirname(path),
    manifests: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests }),
    expected: {
      corpus: `scenarios/${basename(dirname(path))}`,
      case: basename(path).slice(0, -SUFFIX.length),
      kind: 'reachability',
      source: header['source'],
      policyKinds: policyKindsOf(manifests),
      ...(cni === null ? {} : { cni }),
      queries: readTable(path, header['table'], cni === null ? 'intended' : 'enforced'),
    },
  };
}

function policyKindsOf(objects: readonly Record<string, unknown>[]): string[] {
  const kinds = objects
    .filter((object) => String(object['kind']).endsWith('Policy'))
    .map((object) => `${String(object['kind'])} (${String(object['apiVersion'])})`);
  return [...new Set(kinds)].sort();
}

/** Texts alone: YAML reads `1.20` as a number, which is another version. */
function readCni(path: string, value: unknown): CaseCni | null {
  if (value === undefined) return null;
  const { name, version = '', options = {}, ...others } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof name !== 'string' || !isCniId(name)) throw new Error(`${path}: \`cni\` names no CNI that has a profile`);
  if (typeof version !== 'string') throw new Error(`${path}: the version of \`cni\` is no text`);
  if (Object.keys(others).length > 0) throw new Error(`${path}: \`cni\` has ${Object.keys(others).join(', ')}`);
  const given = options as Readonly<Record<string, unknown>>;
  const odd = Object.keys(given).find((key) => typeof given[key] !== 'string');
  if (odd !== undefined) throw new Error(`${path}: option \`${odd}\` of \`cni\` is no text`);
  return { name, version, options: given as Readonly<Record<string, string>> };
}

function readTable(path: string, table: string, reading: CaseReading): ExpectedQuery[] {
  const lines = table
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const [head, ...rows] = lines.map((line) => line.split('|').map((cell) => cell.trim()));
  const allowed = reading === 'enforced' ? [COLUMNS, BOTH_COLUMNS] : [COLUMNS];
  const columns = allowed.find((some) => some.join() === head?.join());
  if (columns === undefined) throw new Error(`${path}: the table must start with \`${COLUMNS.join(' | ')}\``);
  if (rows.length === 0) throw new Error(`${path}: the table has no questions`);
  return rows.flatMap((cells) => {
    if (cells.length !== columns.length)
      throw new Error(`${path}: \`${cells.join(' | ')}\` has not ${columns.length} cells`);
    const [from = '', to = '', port = '', verdict = '', ...rest] = cells;
    const asked = readRow(path, [from, to, port, verdict, rest.at(-1) ?? ''], reading);
    // What settles it is told of the reading that the verdict is of.
    return columns === COLUMNS ? [asked] : [asked, readRow(path, [from, to, port, rest[0] ?? '', ''], 'intended')];
  });
}

function readRow(path: string, cells: readonly string[], reading: CaseReading): ExpectedQuery {
  const [from = '', to = '', port = '', verdict = '', because = ''] = cells;
  if (!VERDICTS.includes(verdict)) throw new Error(`${path}: verdict \`${verdict}\` is none of ${VERDICTS.join(', ')}`);
  return {
    reading,
    from: peerOf(from),
    to: peerOf(to),
    ...portOf(path, port),
    allowed: verdict === 'allow',
    ...(verdict === 'unknown' ? { undetermined: true } : {}),
    ...(because === '' ? {} : { because }),
  };
}

/** A bare `namespace/name` is a pod; an address block or range stays as it is. */
function peerOf(text: string): string {
  return /^[a-z][a-z0-9.-]*\/[a-z0-9.-]+$/.test(text) ? `${text}[Pod]` : text;
}

function portOf(path: string, text: string): Pick<ExpectedQuery, 'protocol' | 'port' | 'icmp'> {
  if (text === 'ICMP') return { protocol: 'ICMP', port: null, icmp: { type: 8, code: 0 } };
  const match = /^(?:(TCP|UDP|SCTP)\/)?(\d+)$/.exec(text);
  if (match === null) throw new Error(`${path}: port \`${text}\` is none of 80, TCP/80, ICMP`);
  return { protocol: match[1] ?? 'TCP', port: Number(match[2]) };
}
