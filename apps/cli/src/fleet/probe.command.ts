import type { Answer, CompiledSnapshot, ProbeJudgement, ProbePlan } from '#engine';

import type { SourceOptions } from '../can/can-options.js';
import { assertOneSource, clusterOfServer } from '../can/question-source.js';
import { CliError } from '../cli-error.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { readText } from '../manifests/read-text.js';
import type { TextFormat } from '../output/format-option.js';
import { tell, type Telling } from '../output/tell.js';
import type { Terminal } from '../terminal.js';

/** Options of `atlas probe`, as commander reads them. */
export interface ProbeOptions extends SourceOptions {
  readonly from?: string;
  readonly to?: string;
  readonly port?: string;
  readonly protocol: string;
  readonly at?: string;
  readonly entry?: string;
  readonly before?: string;
  readonly mapNamespace: readonly string[];
  readonly image?: string;
  readonly results?: string;
  readonly output: TextFormat;
}

/** Prints the script that verifies an answer or a difference, or compares what it saw with what was predicted. */
export async function runProbe(options: ProbeOptions, terminal: Terminal): Promise<ExitCode> {
  assertOneSource(options);
  assertOneQuestion(options);
  const seen = options.results === undefined ? undefined : await readText(options.results, terminal);
  const told =
    options.dir === undefined ? await onServer(options, seen) : await onFolder(options.dir, options, seen, terminal);
  await tell('script' in told ? planTelling(told, terminal) : resultsTelling(told, terminal), options.output, terminal);
  return 'results' in told && told.results.some(({ agrees }) => agrees === false) ? EXIT.unexpected : EXIT.ok;
}

interface Results {
  readonly results: readonly ProbeJudgement[];
}

type Told = ProbePlan | Results;

function assertOneQuestion({ from, to, port, entry, before }: ProbeOptions): void {
  const isPair = from !== undefined && to !== undefined;
  const isEntry = entry !== undefined && [from, to, port].every((part) => part === undefined);
  if (entry === undefined ? isPair && before === undefined : isEntry) return;
  throw new CliError(
    EXIT.usage,
    'say what to try out: either --from and --to, or --entry with the id that atlas diff tells',
  );
}

function planTelling(plan: ProbePlan, terminal: Terminal): Telling {
  return {
    data: plan,
    words: () => {
      for (const { from, to, why } of plan.skipped) terminal.err(`left out ${from} → ${to}: ${why}`);
      terminal.out(plan.script);
    },
    columns: ['id', 'from', 'to', 'address', 'protocol', 'port', 'predicted', 'run'],
    rows: () =>
      plan.probes.map(({ id, from, to, address, protocol, port, predicted, run }) => [
        ...[id, from, to, address, protocol, port?.toString() ?? '', predicted, run],
      ]),
  };
}

function resultsTelling({ results }: Results, terminal: Terminal): Telling {
  return {
    data: { results },
    words: () => {
      for (const line of results.flatMap(judgementLines)) terminal.out(line);
    },
    columns: ['id', 'from', 'to', 'predicted', 'observed', 'agrees', 'hints'],
    rows: () =>
      results.map(({ id, from, to, predicted, observed, agrees, hints }) => [
        ...[id, from, to, predicted, observed ?? '', agrees?.toString() ?? '', hints.join('; ')],
      ]),
  };
}

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
  const { judgeProbes, probePlan, readProbeOutput } = await import('#engine');
  const { snapshot, answer } = await answerOfFolder(dir, options, terminal);
  const plan = probePlan(snapshot, answer, { image: options.image });
  if (seen === undefined) return plan;
  return { results: judgeProbes(snapshot, plan.probes, readProbeOutput(seen)) };
}

async function answerOfFolder(
  dir: string,
  { from = '', to = '', port, protocol, entry, before, mapNamespace }: ProbeOptions,
  terminal: Terminal,
): Promise<{ readonly snapshot: CompiledSnapshot; readonly answer: Answer }> {
  const [engine, { readQuestion }] = await Promise.all([import('#engine'), import('../can/read-question.js')]);
  const asked = (snapshot: CompiledSnapshot, flow: Parameters<typeof readQuestion>[0]) => {
    const result = engine.ask(snapshot, readQuestion(flow));
    if (result.type === 'notFound') throw new CliError(EXIT.usage, result.error.message);
    return { snapshot, answer: result.answer };
  };
  if (entry === undefined) {
    const { readFolder } = await import('../manifests/read-folder.js');
    const snapshot = engine.compileSnapshot((await readFolder(dir, terminal)).facts);
    return asked(snapshot, { from, to, port, protocol, httpHeader: [] });
  }
  if (before === undefined)
    throw new CliError(EXIT.usage, '--entry with --dir needs --before, the folder to compare with');
  const { compareFolders } = await import('../drift/diff-folders.js');
  const { report, after } = await compareFolders(before, dir, { mapNamespace }, terminal);
  const found = report.entries.find(({ id }) => id === entry);
  if (found === undefined)
    throw new CliError(EXIT.usage, `\`${before}\` and \`${dir}\` differ in no entry \`${entry}\``);
  if (found.example === null)
    throw new CliError(EXIT.usage, `entry \`${entry}\` is about no flow that could be tried out`);
  const { port: shown, icmp, ...flow } = engine.flowOf(found.example);
  return asked(after, { ...flow, port: shown?.toString(), icmpType: icmp?.type.toString(), httpHeader: [] });
}

async function onServer(options: ProbeOptions, seen: string | undefined): Promise<Told> {
  const { from, to, port, protocol, at, image, entry } = options;
  const { server, cluster } = clusterOfServer(options);
  const { ServerClient } = await import('../server/server-client.js');
  const asked =
    entry === undefined ? { from, to, port, protocol, at } : { drift: await driftOf(entry, cluster, options) };
  const given = Object.entries({ cluster, image, ...asked }).filter(([, value]) => value !== undefined);
  const question = Object.fromEntries(given);
  const client = new ServerClient(server);
  const body =
    seen === undefined
      ? await client.post('probes', question)
      : await client.post('probes/results', { ...question, results: seen });
  if (typeof body === 'object' && body !== null && ('script' in body || 'results' in body)) return body as Told;
  throw new CliError(EXIT.unreachable, `\`${server}\` did not answer the question`);
}

/** The states as `atlas diff` takes them; a bare snapshot is one of the cluster itself. */
async function driftOf(
  entry: string,
  cluster: string,
  { before, at, mapNamespace }: ProbeOptions,
): Promise<Record<string, unknown>> {
  const [{ statesOf }, { readSide }, { namespaceMap }] = await Promise.all([
    import('../drift/diff.command.js'),
    import('../drift/drift-side.js'),
    import('../drift/diff-options.js'),
  ]);
  const namespaces = namespaceMap(mapNamespace);
  const named = { entry, ...(mapNamespace.length === 0 ? {} : { namespaces }) };
  if (before === undefined) return { ...named, after: at };
  const isPoint = /^(?:\d+|baseline|\d{4}-\d\d-\d\dT.+)$/.test(before);
  const side = readSide(isPoint ? `cluster:${cluster}@${before}` : before);
  const { cluster: _, ...states } = await statesOf(side, { type: 'cluster', cluster, at });
  return { ...named, ...states };
}
