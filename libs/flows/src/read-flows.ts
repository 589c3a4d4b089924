import { finish, isObject } from '#engine';
import type { Json, JsonObject, SeenFlow } from '#engine';

import type { FlowReader, Reading } from './flow-reader.js';
import { antrea, ANTREA_COLUMNS, ANTREA_UPLOAD_COLUMNS } from './readers/antrea.reader.js';
import { calico } from './readers/calico.reader.js';
import { gadget } from './readers/gadget.reader.js';
import { hubble } from './readers/hubble.reader.js';
import { plain } from './readers/plain.reader.js';

/** The first that knows a record reads it. */
const READERS: readonly FlowReader[] = [plain, hubble, calico, antrea, gadget];
/** Problems told one by one; the others are counted. */
const MOST_PROBLEMS = 100;

/** What a stream of events puts before each of them. */
const EVENT = /^data: ?/;
/** No line of Antrea's log has more columns. */
const LONGEST_LOG = 40;

/** A line that cannot be read. */
export interface FlowProblem {
  /** From 1; of a list, the item. */
  readonly line: number;
  readonly message: string;
}

/** What a file of flows holds. Every record of it is a flow, a problem, lost, or left out. */
export interface FlowsRead {
  readonly flows: readonly SeenFlow[];
  /** The first of them; `problemCount` is how many there are. */
  readonly problems: readonly FlowProblem[];
  readonly problemCount: number;
  /** Records that are no flows, by what they are. */
  readonly leftOut: Readonly<Record<string, number>>;
  /** Flows that the source says it could not keep. */
  readonly lost: number;
  /** Names of the sources that were met, in the order of their first record. */
  readonly sources: readonly string[];
}

/** Adds up records as they come, from a file, an upload or a stream. */
export class FlowCollector {
  readonly #flows: SeenFlow[] = [];
  readonly #problems: FlowProblem[] = [];
  readonly #leftOut = new Map<string, number>();
  readonly #sources = new Set<string>();
  #problemCount = 0;
  #lost = 0;
  #columns: readonly string[] | null = null;

  /** One line of a file; a blank one is nothing. */
  line(text: string, line: number): void {
    const trimmed = text.trim().replace(EVENT, '');
    if (trimmed === '') return;
    const isRecord = /^[[{]/.test(trimmed);
    const record = isRecord ? parsed(trimmed) : undefined;
    if (!isRecord) this.#row(trimmed, line);
    else if (record === undefined) this.#wrong(line, 'it is not JSON, is the line cut short?');
    else for (const one of Array.isArray(record) ? (record as readonly Json[]) : [record]) this.record(one, line);
  }

  record(record: Json, line: number): void {
    if (!isObject(record)) {
      this.#wrong(line, 'a flow is a JSON object');
      return;
    }
    const items = record['items'] ?? record['flows'];
    if (Array.isArray(items)) {
      for (const item of items as readonly Json[]) this.record(item, line);
      return;
    }
    const reader = READERS.find(({ knows }) => knows(record));
    if (reader === undefined) {
      const names = READERS.map(({ name }) => name).join(', ');
      this.#wrong(line, `it is a record of no known source, which are ${names}`);
      return;
    }
    this.#sources.add(reader.name);
    this.#take(reader.read(record), line);
  }

  get read(): FlowsRead {
    return {
      flows: this.#flows,
      problems: this.#problems,
      problemCount: this.#problemCount,
      leftOut: Object.fromEntries(this.#leftOut),
      lost: this.#lost,
      sources: [...this.#sources],
    };
  }

  /** A line of columns: those of a heading, else those that Antrea's log has, or what it uploads, which is longer. */
  #row(text: string, line: number): void {
    const cells = text.split(',').map((cell) => cell.replace(/^"(.*)"$/, '$1'));
    if (cells.includes('destinationTransportPort')) {
      this.#columns = cells;
      return;
    }
    const columns = this.#columns ?? (cells.length > LONGEST_LOG ? ANTREA_UPLOAD_COLUMNS : ANTREA_COLUMNS);
    const record: JsonObject = Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? '']));
    if (cells.length < columns.length) this.#wrong(line, 'it is neither JSON nor a line of columns');
    else this.record(record, line);
  }

  #take(reading: Reading, line: number): void {
    if ('flow' in reading) this.#flows.push(reading.flow);
    else if ('wrong' in reading) this.#wrong(line, reading.wrong);
    else if ('lost' in reading) this.#lost += reading.lost;
    else this.#leftOut.set(reading.leftOut, (this.#leftOut.get(reading.leftOut) ?? 0) + 1);
  }

  #wrong(line: number, message: string): void {
    this.#problemCount++;
    if (this.#problems.length < MOST_PROBLEMS) this.#problems.push({ line, message });
  }
}

/** Flows of a text: one record or list a line, or all of them in one JSON value. */
export function readFlows(text: string): FlowsRead {
  return finish(readingFlows(text));
}

const LINES_A_STEP = 200;
/** Text that may be one value over many lines. */
const SPREAD_OUT = /^\s*(?:\[|\{\s*\n)/;

/** The same in steps, for those who have something else to do in between. */
export function* readingFlows(text: string): Generator<null, FlowsRead> {
  const collector = new FlowCollector();
  const whole = SPREAD_OUT.test(text) ? listIn(text) : null;
  const take = (at: number, one: Json | string): void => {
    if (whole === null) collector.line(one as string, at + 1);
    else collector.record(one, at + 1);
  };
  for (const [at, one] of (whole ?? text.split('\n')).entries()) {
    take(at, one);
    if (at % LINES_A_STEP === 0) yield null;
  }
  return collector.read;
}

function listIn(text: string): readonly Json[] | null {
  const value = parsed(text);
  if (value === undefined) return null;
  return Array.isArray(value) ? (value as readonly Json[]) : [value];
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
