import type { Answer } from '#engine';

import { asCliError, CliError } from '../cli-error.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { readText } from '../manifests/read-text.js';
import type { TextFormat } from '../output/format-option.js';
import { tell } from '../output/tell.js';
import type { Terminal } from '../terminal.js';
import type { SourceOptions } from './can-options.js';
import { assertOneSource, clusterOfServer } from './question-source.js';

/** Options of `atlas batch`, as commander reads them. */
export interface BatchOptions extends SourceOptions {
  readonly at?: string;
  readonly output: TextFormat;
}

/** One question of the file. */
interface BatchLine {
  readonly ref?: string;
  readonly from?: unknown;
  readonly to?: unknown;
  readonly port?: string | number;
  readonly protocol?: string;
}

/** What came of one question: its answer, or why there is none. */
interface BatchItem {
  readonly ref: string | null;
  readonly answer: Pick<Answer, 'verdict' | 'summary'> | null;
  readonly problem: { readonly detail: string } | null;
}

/** Asks every question of a file with one JSON object a line. */
export async function runBatch(file: string, options: BatchOptions, terminal: Terminal): Promise<ExitCode> {
  assertOneSource(options);
  const lines = readLines(await readText(file, terminal), file);
  const items =
    options.dir === undefined ? await onServer(lines, options) : await onFolder(lines, options.dir, terminal);
  const rows = (): string[][] =>
    items.map(({ ref, answer, problem }, index) => [
      ref ?? String(index + 1),
      answer?.verdict ?? 'error',
      answer?.summary ?? problem?.detail ?? '',
    ]);
  const words = (table: () => string): void => {
    terminal.out(table());
  };
  await tell({ data: { items }, words, columns: ['ref', 'verdict', 'summary'], rows }, options.output, terminal);
  return items.every(({ problem }) => problem === null) ? EXIT.ok : EXIT.usage;
}

function readLines(text: string, file: string): readonly BatchLine[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line, index) => {
    try {
      return JSON.parse(line) as BatchLine;
    } catch {
      const example = '{"ref":"a","from":"shop/web","to":"shop/db","port":5432}';
      throw new CliError(EXIT.usage, `question ${String(index + 1)} of \`${file}\` is not JSON, write ${example}`);
    }
  });
}

async function onFolder(lines: readonly BatchLine[], dir: string, terminal: Terminal): Promise<readonly BatchItem[]> {
  const [{ ask, compileSnapshot }, { readFolder }, { readQuestion }] = await Promise.all([
    import('#engine'),
    import('../manifests/read-folder.js'),
    import('./read-question.js'),
  ]);
  const snapshot = compileSnapshot((await readFolder(dir, terminal)).facts);
  return lines.map(({ ref = null, from, to, port, protocol = 'TCP' }): BatchItem => {
    if (typeof from !== 'string' || typeof to !== 'string') {
      return { ref, answer: null, problem: { detail: 'give `from` and `to` as text' } };
    }
    try {
      const named = port === undefined ? {} : { port: String(port) };
      const question = readQuestion({
        from,
        to,
        ...named,
        protocol,
        httpHeader: [],
      });
      const result = ask(snapshot, question);
      return result.type === 'answer'
        ? { ref, answer: result.answer, problem: null }
        : { ref, answer: null, problem: { detail: result.error.message } };
    } catch (error) {
      const known = asCliError(error);
      if (known === null) throw error;
      return { ref, answer: null, problem: { detail: [known.message, ...known.lines].join(': ') } };
    }
  });
}

async function onServer(lines: readonly BatchLine[], options: BatchOptions): Promise<readonly BatchItem[]> {
  const { at } = options;
  const { server, cluster } = clusterOfServer(options);
  const { ServerClient } = await import('../server/server-client.js');
  const items = lines.map((line) => ({ ...line, cluster, ...(at !== undefined && { at }) }));
  const body = await new ServerClient(server).post('reachability/batch', { items });
  return (body as { readonly items: readonly BatchItem[] }).items;
}
