import type { z } from 'zod';

import {
  allConnectionsInput,
  blastInput,
  entryPointsInput,
  exposureInput,
  parseInput,
  reachabilityInput,
} from '#contracts';
import {
  ask,
  BlastRadius,
  blastStarts,
  blastView,
  caveatOf,
  compileSnapshot,
  connectionView,
  entryPoints,
  exposures,
  finish,
  openConnections,
  parsePeer,
  parseProtocol,
  peerMembers,
  policyLevers,
  predictingFixes,
  readBlastQuestion,
  readConnectionsQuestion,
  resolvePeer,
  SEES_ALL,
  type CompiledSnapshot,
  type ConnectionView,
  type Endpoint,
  type EntryPoint,
  type ExposureView,
  type Fact,
  type FixView,
  type PeerQuery,
  type ReadQuestion,
} from '#engine';
import { manifestFacts, readManifests } from '#manifests';

import { CliError, notFound } from '../cli-error.js';
import { EXIT } from '../exit-code.js';
import { readFolder } from '../manifests/read-folder.js';
import type { Terminal } from '../terminal.js';
import type { BlastFound, Fields, Questions, WhyFound } from './questions.js';

const CLUSTER = 'folder';

/** Answers from manifests. */
export class FolderQuestions implements Questions {
  readonly #dir: string;
  readonly #terminal: Terminal;
  #compiled: CompiledSnapshot | null = null;
  #caveat: string | null = null;

  constructor(dir: string, terminal: Terminal) {
    this.#dir = dir;
    this.#terminal = terminal;
  }

  async *connections(fields: Fields): AsyncGenerator<readonly ConnectionView[]> {
    const question = questionOf(readConnectionsQuestion(read(allConnectionsInput, fields)));
    const snapshot = await this.#snapshot();
    if (question.verdict === 'allow') this.#caveat = caveatOf(snapshot, question.reading);
    const opened = finish(openConnections(snapshot, question));
    if ('error' in opened) throw notFound(opened.error);
    for (const rows of opened.found.rows()) if (rows !== null) yield rows.map(connectionView);
  }

  async entryPoints(fields: Fields): Promise<readonly EntryPoint[]> {
    const { to, client = null, reading } = read(entryPointsInput, fields);
    const snapshot = await this.#snapshot();
    return entryPoints(snapshot, { reading, client, to: to === undefined ? null : members(snapshot, to, '/to') });
  }

  async *exposure(fields: Fields): AsyncGenerator<ExposureView> {
    const { of, reading } = read(exposureInput, fields);
    const snapshot = await this.#snapshot();
    this.#caveat = caveatOf(snapshot, reading);
    const within = of === undefined ? null : members(snapshot, of, '/of');
    for (const row of exposures(snapshot, reading, (each) => within?.has(each) ?? true)) if (row !== null) yield row;
  }

  async blast({ levers: wanted, ...fields }: Fields): Promise<BlastFound> {
    const input = read(blastInput, fields);
    const question = questionOf(readBlastQuestion(input));
    const snapshot = await this.#snapshot();
    const start = blastStarts(snapshot, question.peer);
    if ('error' in start) throw notFound(start.error);
    this.#caveat = caveatOf(snapshot, question.reading);
    const blast = blastView(new BlastRadius(snapshot, question.reading), question, start);
    if (wanted === undefined) return { blast, levers: null };
    const most = wanted === 'all' ? { most: Number.POSITIVE_INFINITY } : {};
    const levers = finish(policyLevers(snapshot, { ...question, ...most, starts: start.starts }, SEES_ALL));
    return { blast, levers };
  }

  async why(fields: Fields): Promise<WhyFound> {
    const { port = null, ...input } = read(reachabilityInput, { ...fields, cluster: CLUSTER });
    const protocol = parseProtocol(input.protocol);
    if (protocol === null) throw wrong([{ pointer: '/protocol', detail: `\`${input.protocol}\` is not known` }]);
    const [source, destination] = [peerOf(input.from, '/from'), peerOf(input.to, '/to')];
    const snapshot = await this.#snapshot();
    const result = ask(snapshot, { source, destination, protocol, port });
    if (result.type === 'notFound') throw notFound(result.error);
    const { fixes } = result.answer;
    const given = await Promise.all(fixes.map(async (fix) => ({ fix, facts: await factsOfFix(fix) })));
    return { answer: result.answer, fixes: finish(predictingFixes(snapshot, given)) };
  }

  remarks(): readonly string[] {
    return this.#caveat === null ? [] : [this.#caveat];
  }

  async #snapshot(): Promise<CompiledSnapshot> {
    this.#compiled ??= compileSnapshot((await readFolder(this.#dir, this.#terminal)).facts);
    return this.#compiled;
  }
}

async function factsOfFix({ manifest }: FixView): Promise<readonly Fact[]> {
  if (manifest === '') return [];
  const bytes = new TextEncoder().encode(manifest);
  return manifestFacts(await readManifests({ bytes, contentType: '', name: 'fix' })).declared;
}

function read<S extends z.ZodType>(schema: S, fields: Fields): z.output<S> {
  return parseInput(schema, Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)));
}

function questionOf<Q>(result: ReadQuestion<Q>): Q {
  if ('question' in result) return result.question;
  throw wrong(result.errors);
}

function wrong(errors: readonly { readonly pointer: string; readonly detail: string }[]): CliError {
  const lines = errors.map(({ pointer, detail }) => `--${pointer.slice(1)} ${detail}`);
  return new CliError(EXIT.usage, 'the question cannot be read', lines);
}

function peerOf(text: string, pointer: string): PeerQuery {
  const parsed = parsePeer(text);
  if ('error' in parsed) throw wrong([{ pointer, detail: parsed.error }]);
  return parsed.peer;
}

function members(snapshot: CompiledSnapshot, text: string, pointer: string): ReadonlySet<Endpoint> {
  const peer = resolvePeer(snapshot, peerOf(text, pointer), 'destination');
  if (peer.type === 'notFound') throw notFound(peer.error);
  const found = peerMembers(snapshot, peer, 'destination', SEES_ALL);
  if ('error' in found) throw notFound(found.error);
  return new Set(found.members);
}
