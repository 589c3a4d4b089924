import type { Assertion, AssertionResult } from '#engine';

import type { SourceOptions } from '../can/can-options.js';
import { assertOneSource, clusterOfServer } from '../can/question-source.js';
import { CliError } from '../cli-error.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { readText } from '../manifests/read-text.js';
import type { TextFormat } from '../output/format-option.js';
import { tell } from '../output/tell.js';
import { provenanceLine, type RemoteProvenance } from '../server/provenance-line.js';
import type { Terminal } from '../terminal.js';
import { exitCodeOfResults, OUTCOME_MARK } from './assertion-outcome.js';

/** Options of `atlas test`, as commander reads them. */
export interface TestOptions extends SourceOptions {
  readonly file: string;
  readonly at?: string;
  readonly output: TextFormat | 'junit';
}

const MOST_PROBLEMS = 50;

/** Checks a file of expectations and gives the exit code that its worst outcome stands for. */
export async function runTest(options: TestOptions, terminal: Terminal): Promise<ExitCode> {
  assertOneSource(options);
  const text = await readText(options.file, terminal);
  const { readAssertions } = await import('#manifests');
  const { assertions, problems } = readAssertions(text, options.file);
  if (problems.length > 0) {
    const { problemLine } = await import('../manifests/problem-line.js');
    throw new CliError(
      EXIT.usage,
      `\`${options.file}\` cannot be used`,
      problems.slice(0, MOST_PROBLEMS).map(problemLine),
    );
  }
  const results =
    options.dir === undefined
      ? await onServer(text, options, terminal)
      : await onFolder(options.dir, assertions, terminal);
  const { breachHeadline, breachLine, renderJUnit } = await import('#engine');
  if (options.output === 'junit') {
    terminal.out(renderJUnit(options.cluster ?? options.dir ?? '', results));
    return exitCodeOfResults(results);
  }
  const words = (): void => {
    for (const result of results) {
      const owner = result.owner === '' ? '' : ` [${result.owner}]`;
      terminal.out(`${OUTCOME_MARK[result.outcome]} ${result.name}${owner}: ${breachHeadline(result)}`);
      for (const breach of result.breaches) terminal.out(`    ${breachLine(breach)}`);
    }
  };
  const rows = (): string[][] =>
    results.map((result) => [result.outcome, result.name, result.owner, breachHeadline(result)]);
  await tell(
    { data: { results }, words, columns: ['outcome', 'name', 'owner', 'what'], rows },
    options.output,
    terminal,
  );
  return exitCodeOfResults(results);
}

async function onFolder(
  dir: string,
  assertions: readonly Assertion[],
  terminal: Terminal,
): Promise<readonly AssertionResult[]> {
  const [{ checkAssertion, compileSnapshot }, { readFolder }] = await Promise.all([
    import('#engine'),
    import('../manifests/read-folder.js'),
  ]);
  const snapshot = compileSnapshot((await readFolder(dir, terminal)).facts);
  return assertions.map((assertion) => checkAssertion(snapshot, assertion));
}

async function onServer(text: string, options: TestOptions, terminal: Terminal): Promise<readonly AssertionResult[]> {
  const { at, output } = options;
  const { server, cluster } = clusterOfServer(options);
  const { ServerClient } = await import('../server/server-client.js');
  const question = { cluster, assertions: text, ...(at !== undefined && { at }) };
  const body = await new ServerClient(server).post('assertions/check', question);
  if (typeof body === 'object' && body !== null && 'results' in body) {
    if (output === 'text') terminal.err(provenanceLine(body as unknown as RemoteProvenance));
    return body.results as readonly AssertionResult[];
  }
  throw new CliError(EXIT.unreachable, `\`${server}\` did not answer the question`);
}
