import {
  assertionFile,
  isAppError,
  parseInput,
  type AssertionEntry,
  type AssertionFileContent,
  type AssertionPeer,
  type ClusterProblem,
} from '#contracts';
import { hasPorts, parsePeer, parseProtocol, type Assertion } from '#engine';

import { parseFile } from './parse-file.js';
import type { ParsedDocument } from './parsed-document.js';

/** The expectations of a file, or every place where it is wrong. */
export interface AssertionFile {
  readonly assertions: readonly Assertion[];
  readonly problems: readonly ClusterProblem[];
}

/** Reads a file of expectations, YAML or JSON. One problem is enough for none of it to be used. */
export function readAssertions(text: string, file: string): AssertionFile {
  const found = parseFile(text, /\.json$/i.test(file));
  const problems: ClusterProblem[] = [];
  const assertions: Assertion[] = [];
  for (const result of found) {
    if (!result.ok) {
      const { number, ...fault } = result.fault;
      problems.push({ ...fault, file, document: number });
      continue;
    }
    const read = readDocument(result.document);
    for (const { pointer, detail } of read.errors) {
      const { number, lineOf } = result.document;
      const place = { file, document: number, line: lineOf(pointer), ...(pointer === '' ? {} : { pointer }) };
      problems.push({ code: 'assertion.invalid', message: detail, ...place });
    }
    assertions.push(...read.assertions);
  }
  if (found.length === 0)
    problems.push({ code: 'assertion.invalid', message: 'the file is empty, list `assertions`', file });
  return problems.length === 0 ? { assertions, problems } : { assertions: [], problems };
}

interface PlacedError {
  readonly pointer: string;
  readonly detail: string;
}

function readDocument({ value }: ParsedDocument): { assertions: Assertion[]; errors: PlacedError[] } {
  const result = parsedFile(value);
  if ('errors' in result) return { assertions: [], errors: [...result.errors] };
  const errors: PlacedError[] = [];
  const names = new Map<string, number>();
  const assertions = result.assertions.map((entry, index) => {
    const at = `/assertions/${index}`;
    const earlier = names.get(entry.name);
    if (earlier !== undefined) {
      errors.push({
        pointer: `${at}/name`,
        detail: `\`${entry.name}\` is the name of assertion ${earlier + 1} already`,
      });
    }
    names.set(entry.name, index);
    return readEntry(entry, at, errors);
  });
  return { assertions, errors };
}

/** What is wrong, in the words that every door uses. */
function parsedFile(value: unknown): AssertionFileContent | { readonly errors: readonly PlacedError[] } {
  try {
    return parseInput(assertionFile, value);
  } catch (error) {
    if (!isAppError(error, 'request.invalid')) throw error;
    return { errors: error.errors ?? [] };
  }
}

function readEntry(entry: AssertionEntry, at: string, errors: PlacedError[]): Assertion {
  const protocol = parseProtocol(entry.protocol);
  if (protocol === null) errors.push({ pointer: `${at}/protocol`, detail: `\`${entry.protocol}\` is no protocol` });
  else if (!hasPorts(protocol) && entry.port !== undefined) {
    errors.push({ pointer: `${at}/port`, detail: `${entry.protocol} has no ports, leave the port out` });
  }
  return {
    name: entry.name,
    owner: entry.owner,
    from: readPeers(entry.from, `${at}/from`, errors),
    to: readPeers(entry.to, `${at}/to`, errors),
    protocol: protocol ?? 0,
    ports: entry.port === undefined ? [null] : Array.isArray(entry.port) ? entry.port : [entry.port],
    expect: entry.expect,
    reading: entry.reading,
  };
}

function readPeers(
  given: AssertionPeer | readonly AssertionPeer[],
  at: string,
  errors: PlacedError[],
): Assertion['from'] {
  const isList = Array.isArray(given);
  const list = (isList ? given : [given]) as readonly AssertionPeer[];
  return list.flatMap((peer, index) => {
    const text = peerText(peer);
    const parsed = parsePeer(text);
    if ('peer' in parsed) return [{ text, peer: parsed.peer }];
    errors.push({ pointer: isList ? `${at}/${index}` : at, detail: parsed.error });
    return [];
  });
}

/** Pods by their labels, in the form in which a question names them. */
function peerText(peer: AssertionPeer): string {
  if (typeof peer === 'string') return peer;
  const labels = (map: Readonly<Record<string, string>> | undefined): string =>
    Object.entries(map ?? {})
      .map(([key, value]) => `${key}=${value}`)
      .join(',');
  const namespaces = peer.namespace ?? (labels(peer.namespaceLabels) || '*');
  return `pods:${namespaces}//${labels(peer.labels) || '*'}`;
}
