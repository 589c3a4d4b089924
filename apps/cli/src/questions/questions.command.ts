import type { ConnectionView, EntryPoint, ExposureView, RowVerdict } from '#engine';
import {
  answerExhibit,
  blastExhibit,
  blastHeadline,
  CONNECTION_COLUMNS,
  connectionCells,
  ConnectionCounts,
  connectionGraph,
  connectionTable,
  csvLine,
  entryTable,
  escapeMarkdown,
  exposureHeadline,
  exposureTable,
  fixesText,
  matrixTable,
  mostExposed,
  PlainTable,
  reachTable,
  renderMarkdown,
  renderPlain,
} from '#render';

import { placeOf } from '../can/question-source.js';
import { CliError } from '../cli-error.js';
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
import { whoHeadline } from './who-headline.js';

/** How much text is written at once. */
const PIECE_LENGTH = 65_536;
/** More lines than somebody reads. */
const MOST_READ = 50;
/** Rows of a list that are still told one by one: somebody may look for one of them. */
const MOST_ROWS = 500;

/** Connections, some at a time. */
type Rows = AsyncIterable<readonly ConnectionView[]>;

/** Every connection that the filters leave. */
export async function runList(options: ListOptions, terminal: Terminal): Promise<ExitCode> {
  const questions = await questionsOf(options, terminal);
  const count = await printList(questions.connections(listFields(options)), options, terminal);
  if (isTable(options.output)) terminal.err(countText(count, tellsEach(options.output, terminal)));
  remark(questions, options, terminal);
  return expected(count, options, questions);
}

/** Whether a table has each row, however many they are. */
function tellsEach(format: string, { isRead }: Terminal): boolean {
  return format === 'wide' || !isRead;
}

function countText(count: number, each: boolean): string {
  const text = `${String(count)} ${count === 1 ? 'connection' : 'connections'}`;
  const summed = !each && count > MOST_ROWS ? 'summed up here, -o wide lists each; ' : '';
  return count <= MOST_READ
    ? text
    : `${text}; ${summed}--from, --to, --port and -n choose some, --by namespace sums them up`;
}

/** Prints the rows, of which there may be millions, and tells how many they were. */
async function printList(found: Rows, options: ListOptions, terminal: Terminal): Promise<number> {
  const isMatrix = options.matrix === true;
  if (options.output === 'csv' && !isMatrix) return streamCsv(found, terminal);
  if (options.output === 'json') return streamJson(found, terminal);
  if (isTable(options.output) && !isMatrix) return printTable(found, options.output, terminal);
  const rows = await collected(found);
  const table = isMatrix ? matrixTable : connectionTable;
  const graph = () => connectionGraph(rows, titleOf(options), verdictOf(options));
  await print({ data: rows, table: () => table(rows), graph }, options.output, terminal);
  return rows.length;
}

/** Who can reach something, with the ways in from outside; or whom it can reach. */
export async function runWho(options: ListOptions, terminal: Terminal): Promise<ExitCode> {
  if (options.to === undefined && options.from === undefined) {
    throw new CliError(EXIT.usage, 'say --to, for who can reach it, or --from, for whom it can reach');
  }
  const questions = await questionsOf(options, terminal);
  const connections = await collected(questions.connections(listFields(options)));
  const { to, reading } = options;
  const entryPoints = to === undefined ? [] : await questions.entryPoints({ to, reading });
  if (isTable(options.output)) {
    terminal.out(whoHeadline(options, connections));
    if (connections.length > 0) {
      terminal.out('');
      await printTable([connections], options.output, terminal);
    }
    tellWaysIn(entryPoints, options.output, terminal);
    if (connections.length > MOST_READ)
      terminal.err(countText(connections.length, tellsEach(options.output, terminal)));
  } else {
    await print(
      {
        data: { connections, entryPoints },
        table: () => connectionTable(connections),
        graph: () => connectionGraph(connections, titleOf(options), verdictOf(options)),
        words: () => ({
          before: `**${escapeMarkdown(whoHeadline(options, connections))}**`,
          after: waysInMarkdown(entryPoints),
        }),
      },
      options.output,
      terminal,
    );
  }
  remark(questions, options, terminal);
  return expected(connections.length, options, questions);
}

/** Below a table; nothing where nothing leads in. */
function tellWaysIn(entryPoints: readonly EntryPoint[], output: ListOptions['output'], terminal: Terminal): void {
  if (entryPoints.length === 0) return;
  terminal.out(`\nWays in from outside\n${renderPlain(entryTable(entryPoints), output === 'wide')}`);
}

/** '' where nothing leads in. */
function waysInMarkdown(entryPoints: readonly EntryPoint[]): string {
  return entryPoints.length === 0
    ? ''
    : `**Ways in from outside**\n\n${renderMarkdown(entryTable(entryPoints)).trimEnd()}`;
}

export async function runBlast(options: BlastOptions, terminal: Terminal): Promise<ExitCode> {
  const questions = await questionsOf(options, terminal);
  const { of, direction, hops, sensitive, range, reading } = options;
  const levers = options.levers === true ? 'true' : options.levers;
  const fields = { of, direction, hops, sensitive, reading, levers, ...(range.length > 0 ? { range } : {}) };
  const found = await questions.blast(fields, (progress) => {
    terminal.err(progress);
  });
  const { blast } = found;
  if (isTable(options.output)) terminal.out(`${blastHeadline(blast)}\n`);
  const isLong = options.output === 'table' && blast.targets.length > MOST_READ;
  const data = { ...blast, levers: found.levers };
  const exhibit = blastExhibit(blast, placeOf(options), data);
  await print(isLong ? { ...exhibit, table: () => reachTable(blast) } : exhibit, options.output, terminal);
  if (isTable(options.output) && found.levers !== null) {
    const { levers: list, tried, candidates } = found.levers;
    const lines = list.map(({ title, difference }) => `  ${difference > 0 ? '+' : ''}${String(difference)}  ${title}`);
    terminal.out(
      ['', `What would change it most (${String(tried)} of ${String(candidates)} changes tried)`, ...lines].join('\n'),
    );
  }
  if (isLong) terminal.err(`${String(blast.targets.length)} targets; -o wide lists each with the path to it`);
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
  const isLong = options.output === 'table' && terminal.isRead && exposure.length > MOST_READ;
  if (isTable(options.output)) terminal.out(`${exposureHeadline(exposure)}\n`);
  const shown = isLong ? mostExposed(exposure, MOST_READ) : exposure;
  const words = () => ({ before: `**${exposureHeadline(exposure)}**`, after: waysInMarkdown(entryPoints) });
  const data = { exposure, entryPoints };
  await print({ data, table: () => exposureTable(shown), words }, options.output, terminal);
  if (isTable(options.output)) tellWaysIn(entryPoints, options.output, terminal);
  if (isLong) terminal.err(`the ${String(MOST_READ)} most exposed of ${String(exposure.length)}; -o wide lists each`);
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
    await print(answerExhibit(answer, placeOf(options), { data, fixes }), options.output, terminal);
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

function titleOf(options: ListOptions): string {
  const { from, to, focus, namespace } = options;
  const sides = [from === undefined ? '' : ` from ${from}`, to === undefined ? '' : ` to ${to}`].join('');
  const about = focus ?? namespace;
  return `Connections${sides}${about === undefined ? '' : ` of ${about}`} in ${placeOf(options)}`;
}

async function collected(found: Rows): Promise<ConnectionView[]> {
  const out: ConnectionView[] = [];
  for await (const rows of found) for (const row of rows) out.push(row);
  return out;
}

/** Each row, or, of more than somebody reads, how many there are in each namespace. */
async function printTable(
  found: Rows | readonly (readonly ConnectionView[])[],
  format: string,
  terminal: Terminal,
): Promise<number> {
  const table = new PlainTable(CONNECTION_COLUMNS, format === 'wide');
  const each = tellsEach(format, terminal);
  const counts = new ConnectionCounts();
  for await (const rows of found) {
    for (const row of rows) {
      counts.add(row);
      if (each || counts.count <= MOST_ROWS) table.add(connectionCells(row));
    }
  }
  if (each || counts.count <= MOST_ROWS) for (const lines of table.text()) terminal.out(lines);
  else {
    const left = counts.leftOut === 0 ? '' : `and ${String(counts.leftOut)} more namespaces`;
    terminal.out(`${counts.headline()}\n\n${renderPlain(counts.table(), false)}${left}`);
  }
  return counts.count;
}

async function streamCsv(found: Rows, terminal: Terminal): Promise<number> {
  let count = 0;
  let text = csvLine(CONNECTION_COLUMNS.map(({ title }) => title));
  for await (const rows of found) {
    count += rows.length;
    for (const row of rows) text += csvLine(connectionCells(row));
    if (text.length < PIECE_LENGTH) continue;
    terminal.out(text);
    text = '';
  }
  if (text !== '') terminal.out(text);
  return count;
}

/** An array as `JSON.stringify` lays it out, which could not hold millions of rows in one text. */
async function streamJson(found: Rows, terminal: Terminal): Promise<number> {
  let count = 0;
  let text = '[\n';
  for await (const rows of found) {
    if (count > 0) text += ',\n';
    count += rows.length;
    if (text.length > PIECE_LENGTH) {
      terminal.out(text);
      text = '';
    }
    text += JSON.stringify(rows, null, 2).slice('[\n'.length, -'\n]'.length);
  }
  terminal.out(count === 0 ? '[]' : `${text}\n]`);
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
