import type { ProbeJudgement, ProbePlan } from '#engine';

import type { SourceOptions } from '../can/can-options.js';
import { assertOneSource, clusterOfServer } from '../can/question-source.js';
import { CliError } from '../cli-error.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { readText } from '../manifests/read-text.js';
import type { Terminal } from '../terminal.js';

/** Options of `atlas probe`, as commander reads them. */
export interface ProbeOptions extends SourceOptions {
  readonly from: string;
  readonly to: string;
  readonly port?: string;
  readonly protocol: string;
  readonly at?: string;
  readonly image?: string;
  readonly results?: string;
  readonly output: 'text' | 'json';
}

/** Prints the script that verifies an answer, or compares what it saw with what was predicted. */
export async function runProbe(options: ProbeOptions, terminal: Terminal): Promise<ExitCode> {
  assertOneSource(options);
  const seen = options.results === undefined ? undefined : await readText(options.results, terminal);
  const told =
    options.dir === undefined ? await onServer(options, seen) : await onFolder(options.dir, options, seen, terminal);
  if (options.output === 'json') terminal.out(JSON.stringify(told, null, 2));
  else if ('script' in told) {
    for (const { from, to, why } of told.skipped) terminal.err(`left out ${from} → ${to}: ${why}`);
    terminal.out(told.script);
  } else for (const line of told.results.flatMap(judgementLines)) terminal.out(line);
  return 'results' in told && told.results.some(({ agrees }) => agrees === false) ? EXIT.unexpected : EXIT.ok;
}

type Told = ProbePlan | { readonly results: readonly ProbeJudgement[] };

function judgementLines({ id, from, to, predicted, observed, agrees, hints }: ProbeJudgement): string[] {
  const mark = agrees === null ? '?' : agrees ? '✓' : '✗';
  const head = `${mark} ${id} ${from} → ${to}: predicted ${predicted}, saw ${observed ?? 'nothing'}`;
  return [head, ...hints.map((hint) => `    perhaps ${hint}`)];
}

async function onFolder(
  dir: string,
  options: ProbeOptions,
  seen: string | undefined,
  terminal: Terminal,
): Promise<Told> {
  const [engine, { readFolder }, { readQuestion }] = await Promise.all([
    import('#engine'),
    import('../manifests/read-folder.js'),
    import('../can/read-question.js'),
  ]);
  const question = readQuestion({ ...options, httpHeader: [] });
  const snapshot = engine.compileSnapshot((await readFolder(dir, terminal)).facts);
  const result = engine.ask(snapshot, question);
  if (result.type === 'notFound') throw new CliError(EXIT.usage, result.error.message);
  const plan = engine.probePlan(snapshot, result.answer, { image: options.image });
  if (seen === undefined) return plan;
  return { results: engine.judgeProbes(snapshot, plan.probes, engine.readProbeOutput(seen)) };
}

async function onServer(options: ProbeOptions, seen: string | undefined): Promise<Told> {
  const { from, to, port, protocol, at, image } = options;
  const { server, cluster } = clusterOfServer(options);
  const { ServerClient } = await import('../server/server-client.js');
  const given = Object.entries({ cluster, from, to, port, protocol, at, image }).filter(
    ([, value]) => value !== undefined,
  );
  const question = Object.fromEntries(given);
  const client = new ServerClient(server);
  const body =
    seen === undefined
      ? await client.post('probes', question)
      : await client.post('probes/results', { ...question, results: seen });
  if (typeof body === 'object' && body !== null && ('script' in body || 'results' in body)) return body as Told;
  throw new CliError(EXIT.unreachable, `\`${server}\` did not answer the question`);
}
