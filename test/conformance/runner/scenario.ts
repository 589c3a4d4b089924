import { basename, dirname } from 'node:path';

import { parseAllDocuments } from 'yaml';

import type { ConformanceCase, ExpectedQuery } from './case.js';

const SUFFIX = '.scenario.yaml';
const COLUMNS = ['from', 'to', 'port', 'verdict', 'because'];

/**
 * Reads one scenario: Kubernetes manifests, a last document `kind: Scenario` without an apiVersion that holds `source`
 * and `table`. The table is a text with one line a question: from, to, port, verdict, because, separated by `|`.
 * Peers are written as in the corpora; a bare `namespace/name` is a pod. The port is `TCP/80`, `80` (TCP) or `ICMP`.
 * The file's name states the claim, its folder the policy kind.
 */
export function readScenario(path: string, text: string): ConformanceCase {
  const documents = parseAllDocuments(text);
  const broken = documents.flatMap((document) => document.errors)[0];
  if (broken !== undefined) throw new Error(`${path}: ${broken.message}`);
  const objects = documents
    .map((document) => document.toJS() as Record<string, unknown> | null)
    .filter((object) => object !== null);
  const header = objects.find((object) => object['kind'] === 'Scenario' && object['apiVersion'] === undefined);
  if (header === undefined) throw new Error(`${path}: no document has kind \`Scenario\``);
  if (typeof header['source'] !== 'string') throw new Error(`${path}: the scenario names no source`);
  if (typeof header['table'] !== 'string') throw new Error(`${path}: the scenario has no table`);
  const manifests = objects.filter((object) => object !== header);
  return {
    folder: dirname(path),
    manifests: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests }),
    expected: {
      corpus: `scenarios/${basename(dirname(path))}`,
      case: basename(path).slice(0, -SUFFIX.length),
      kind: 'reachability',
      source: header['source'],
      policyKinds: policyKindsOf(manifests),
      queries: readTable(path, header['table']),
    },
  };
}

function policyKindsOf(objects: readonly Record<string, unknown>[]): string[] {
  const kinds = objects
    .filter((object) => String(object['kind']).endsWith('Policy'))
    .map((object) => `${String(object['kind'])} (${String(object['apiVersion'])})`);
  return [...new Set(kinds)].sort();
}

function readTable(path: string, table: string): ExpectedQuery[] {
  const lines = table
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const [head, ...rows] = lines.map((line) => line.split('|').map((cell) => cell.trim()));
  if (head?.join() !== COLUMNS.join()) throw new Error(`${path}: the table must start with \`${COLUMNS.join(' | ')}\``);
  if (rows.length === 0) throw new Error(`${path}: the table has no questions`);
  return rows.map((cells) => readRow(path, cells));
}

function readRow(path: string, cells: readonly string[]): ExpectedQuery {
  const [from = '', to = '', port = '', verdict = '', because = ''] = cells;
  if (cells.length !== COLUMNS.length)
    throw new Error(`${path}: \`${cells.join(' | ')}\` has not ${COLUMNS.length} cells`);
  if (!['allow', 'deny', 'unknown'].includes(verdict))
    throw new Error(`${path}: verdict \`${verdict}\` is none of allow, deny, unknown`);
  return {
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
