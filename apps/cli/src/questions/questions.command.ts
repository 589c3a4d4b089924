import type { ConnectionView, ExposureView, RowVerdict } from '#engine';
import {
  blastGraph,
  blastHeadline,
  blastTable,
  CONNECTION_COLUMNS,
  connectionCells,
  connectionGraph,
  connectionTable,
  csvLine,
  entryTable,
  exposureTable,
  fixesText,
  matrixTable,
  pathGraph,
  renderPlain,
  stepsTable,
} from '#render';

import { EXIT, type ExitCode } from '../exit-code.js';
import { print } from '../output/print.js';
import type { Terminal } from '../terminal.js';
import type { Questions } from './questions.js';
import {
  listFields,
  questionsOf,
  type BlastOptions,
  type ExposeOptions,
  type ListOptions,
  type QuestionOptions,
  type WhyOptions,
} from './question-options.js';

/** Every connection that the filters leave. */
export async function runList(options: ListOptions, terminal: Terminal): Promise<ExitCode> {
  const questions = await questionsOf(options, terminal);
  const found = questions.connections(listFields(options));
  if (options.output === 'csv' && options.matrix !== true) {
    return expected(await streamCsv(found, terminal), options, questions);
  }
  const rows = await collected(found);
  const table = options.matrix === true ? matrixTable : connectionTable;
  const graph = () => connectionGraph(rows, titleOf(options), verdictOf(options));
  await print({ data: rows, table: () => table(rows), graph }, options.output, terminal);
  if (isTable(options.output)) terminal.err(`${String(rows.length)} connections`);
  remark(questions, options, terminal);
  return expected(rows.length, options, questions);
}

/** Who can reach something, with the ways in from outside; or whom it can reach. */
export async function runWho(options: ListOptions, terminal: Terminal): Promise<ExitCode> {
  const questions = await questionsOf(options, terminal);
  const connections = await collected(questions.connections(listFields(options)));
  const { to, reading } = options;
  const entryPoints = to === undefined ? [] : await questions.entryPoints({ to, reading });
  await print(
    {
      data: { connections, entryPoints },
      table: () => connectionTable(connections),
      graph: () => connectionGraph(connections, titleOf(options), verdictOf(options)),
    },
    options.output,
    terminal,
  );
  if (isTable(options.output) && entryPoints.length > 0) {
    terminal.out(`\nWays in from outside\n${renderPlain(entryTable(entryPoints), options.output === 'wide')}`);
  }
  remark(questions, options, terminal);
  return expected(connections.length, options, questions);
}

export async function runBlast(options: BlastOptions, terminal: Terminal): Promise<ExitCode> {
  const questions = await questionsOf(options, terminal);
  const { of, direction, hops, sensitive, range, reading } = options;
  const levers = options.levers === true ? 'true' : undefined;
  const fields = { of, direction, hops, sensitive, reading, levers, ...(range.length > 0 ? { range } : {}) };
  const found = await questions.blast(fields);
  const { blast } = found;
  if (isTable(options.output)) terminal.out(`${blastHeadline(blast)}\n`);
  const data = { ...blast, levers: found.levers };
  await print({ data, table: () => blastTable(blast), graph: () => blastGraph(blast) }, options.output, terminal);
  if (isTable(options.output) && found.levers !== null) {
    const { levers: list, tried, candidates } = found.levers;
    const lines = list.map(({ title, difference }) => `  ${difference > 0 ? '+' : ''}${String(difference)}  ${title}`);
    terminal.out(
      ['', `What would change it most (${String(tried)} of ${String(candidates)} changes tried)`, ...lines].join('\n'),
    );
  }
  remark(questions, options, terminal);
  return EXIT.ok;
}

export async function runExpose(options: ExposeOptions, terminal: Terminal): Promise<ExitCode> {
  const questions = await questionsOf(options, terminal);
  const { reading, client, namespace } = options;
  const of = options.of ?? (namespace === undefined ? undefined : `namespace:${namespace}`);
  const exposure: ExposureView[] = [];
  for await (const row of questions.exposure({ of, reading })) exposure.push(row);
  const entryPoints = await questions.entryPoints({ to: of, client, reading });
  await print({ data: { exposure, entryPoints }, table: () => exposureTable(exposure) }, options.output, terminal);
  if (isTable(options.output) && entryPoints.length > 0) {
    terminal.out(`\nWays in from outside\n${renderPlain(entryTable(entryPoints), options.output === 'wide')}`);
  }
  remark(questions, options, terminal);
  return EXIT.ok;
}

/** The answer with its evidence, and what each fix would open and close. */
export async function runWhy(options: WhyOptions, terminal: Terminal): Promise<ExitCode> {
  const questions = await questionsOf(options, terminal);
  const { from, to, port, protocol } = options;
  const { answer, fixes } = await questions.why({ from, to, port, protocol });
  if (isTable(options.output)) {
    const { renderText } = await import('#engine');
    terminal.out([renderText(answer).trimEnd(), fixesText(fixes)].filter(Boolean).join('\n\n'));
  } else {
    const data = { ...answer, fixes };
    await print({ data, table: () => stepsTable(answer), graph: () => pathGraph(answer) }, options.output, terminal);
  }
  remark(questions, options, terminal);
  return answer.verdict === 'undetermined' ? EXIT.undetermined : EXIT.ok;
}

/** Beside tables, not in them: those are cut and sorted by other programs. */
function remark(questions: Questions, { output }: QuestionOptions, terminal: Terminal): void {
  if (isTable(output)) for (const line of questions.remarks()) terminal.err(line);
}

function isTable(format: string): boolean {
  return format === 'table' || format === 'wide';
}

function verdictOf({ verdict }: ListOptions): RowVerdict {
  return verdict === 'unknown' ? 'unknown' : 'allow';
}

function titleOf({ from, to, focus, namespace, dir, cluster }: ListOptions): string {
  const sides = [from === undefined ? '' : ` from ${from}`, to === undefined ? '' : ` to ${to}`].join('');
  const about = focus ?? namespace;
  return `Connections${sides}${about === undefined ? '' : ` of ${about}`} in ${cluster ?? dir ?? ''}`;
}

async function collected<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const row of rows) out.push(row);
  return out;
}

/** A list of millions of rows is written while it is found. */
async function streamCsv(rows: AsyncIterable<ConnectionView>, terminal: Terminal): Promise<number> {
  let count = 0;
  let text = csvLine(CONNECTION_COLUMNS.map(({ title }) => title));
  for await (const row of rows) {
    count++;
    text += csvLine(connectionCells(row));
    if (text.length < 65_536) continue;
    terminal.out(text);
    text = '';
  }
  if (text !== '') terminal.out(text);
  return count;
}

/** What cannot be told is neither none nor some. */
async function expected(count: number, options: ListOptions, questions: Questions): Promise<ExitCode> {
  const { expect } = options;
  if (expect === undefined) return EXIT.ok;
  if (count > 0) return expect === 'some' ? EXIT.ok : EXIT.unexpected;
  if (verdictOf(options) === 'allow') {
    const doubtful = questions.connections({ ...listFields(options), verdict: 'unknown' });
    for await (const _ of doubtful) return EXIT.undetermined;
  }
  return expect === 'none' ? EXIT.ok : EXIT.unexpected;
}
