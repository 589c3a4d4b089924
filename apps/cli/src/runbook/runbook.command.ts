import {
  loadChecks,
  loadRunbooks,
  renderRunbook,
  RUNBOOK_INPUTS,
  runbookNamed,
  runbooksNear,
  runRunbook,
  type Runbook,
  type RunbookInput,
  type RunbookInputs,
  type RunbookReport,
  type RunResult,
} from '#checks';
import { didYouMean, parsePeer, parseProtocol, compileSnapshot } from '#engine';
import { PrometheusSource } from '#prometheus';

import { CliError } from '../cli-error.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { readFolder } from '../manifests/read-folder.js';
import { readText } from '../manifests/read-text.js';
import { DEFAULT_SERVER } from '../options.js';
import type { TextFormat } from '../output/format-option.js';
import { tell } from '../output/tell.js';
import { ServerClient } from '../server/server-client.js';
import type { Terminal } from '../terminal.js';

export interface RunbookOptions {
  readonly dir?: string;
  readonly server?: string;
  readonly cluster?: string;
  readonly from?: string;
  readonly to?: string;
  readonly port?: string;
  readonly protocol?: string;
  readonly namespace?: string;
  readonly node?: string;
  /** A path, `-` for standard input. */
  readonly manifests?: string;
  readonly at?: string;
  readonly all?: boolean;
  readonly prometheus?: string;
  readonly output: 'text' | 'json';
}

/** Options of `atlas runbook list`. */
export interface ListOptions {
  readonly server?: string;
  readonly output: TextFormat;
}

const PROMETHEUS_TIMEOUT_MS = 10_000;
const EXIT_BY_RESULT: Readonly<Record<RunResult, ExitCode>> = {
  'cause-found': EXIT.unexpected,
  'not-the-cause': EXIT.ok,
  undetermined: EXIT.undetermined,
};

/** Lists the runbooks with what each needs. */
export async function listRunbooks({ server, output }: ListOptions, terminal: Terminal): Promise<ExitCode> {
  const runbooks = server === undefined ? await loadRunbooks() : await runbooksOfServer(server);
  const data = runbooks.map(({ id, number, title, needs, takes, alerts }) => ({
    id,
    number,
    title,
    needs,
    takes,
    alerts,
  }));
  await tell(
    {
      data,
      words: (table) => {
        terminal.out(table());
      },
      columns: ['number', 'runbook', 'symptom', 'needs'],
      rows: () =>
        data.map(({ id, number, title, needs }) => [number, id, title, needs.map((input) => `--${input}`).join(' ')]),
    },
    output,
    terminal,
  );
  return EXIT.ok;
}

type ListedRunbook = Pick<Runbook, 'id' | 'number' | 'title' | 'needs' | 'takes' | 'alerts'>;

async function runbooksOfServer(server: string): Promise<readonly ListedRunbook[]> {
  return ((await new ServerClient(server).get('runbooks')) as { readonly items: readonly ListedRunbook[] }).items;
}

/** Runs a runbook, on manifests in this process or on a cluster of a server. */
export async function runRunbookCommand(id: string, options: RunbookOptions, terminal: Terminal): Promise<ExitCode> {
  const runbook = await find(id);
  const inputs = readInputs(runbook, options);
  const report =
    options.dir === undefined
      ? await runOnServer(runbook.id, options, terminal)
      : await runOnFolder(runbook, inputs, options, options.dir, terminal);
  terminal.out(options.output === 'json' ? JSON.stringify(report, null, 2) : renderRunbook(report, runbook));
  return EXIT_BY_RESULT[report.result];
}

async function find(id: string): Promise<Runbook> {
  const runbooks = await loadRunbooks();
  const found = runbookNamed(runbooks, id);
  if (found !== null) return found;
  const near = runbooksNear(runbooks, id);
  throw new CliError(EXIT.usage, `there is no runbook \`${id}\``, [
    near.length > 0 ? didYouMean(near) : `the runbooks are ${runbooks.map((runbook) => runbook.id).join(', ')}`,
  ]);
}

async function runOnFolder(
  runbook: Runbook,
  inputs: RunbookInputs,
  options: RunbookOptions,
  dir: string,
  terminal: Terminal,
): Promise<RunbookReport> {
  const { manifests } = options;
  const declared = manifests === undefined ? undefined : (await readFolder(manifests, terminal)).declared;
  const { facts } = await readFolder(dir, terminal);
  const metrics = options.prometheus === undefined ? null : openPrometheus(options.prometheus);
  try {
    return await runRunbook({
      runbook,
      snapshot: compileSnapshot(facts),
      inputs: { manifests: declared, ...inputs },
      sources: { history: null, metrics, flows: null, at: new Date() },
      checks: await loadChecks(),
      all: options.all ?? false,
    });
  } finally {
    await metrics?.close();
  }
}

function openPrometheus(url: string): PrometheusSource {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) {
    return new PrometheusSource({ url, timeoutMs: PROMETHEUS_TIMEOUT_MS });
  }
  throw new CliError(EXIT.usage, `--prometheus \`${url}\` is not an http or https address`);
}

/**
 * What the options say, but for the manifests, which only a run on a folder reads here.
 * @throws CliError that names every option that is missing, not taken or cannot be read
 */
function readInputs(runbook: Runbook, options: RunbookOptions): Omit<RunbookInputs, 'manifests'> {
  const wrong: string[] = [];
  const peer = (flag: 'from' | 'to'): RunbookInputs['from'] => {
    const text = options[flag];
    if (text === undefined) return undefined;
    const parsed = parsePeer(text);
    if ('peer' in parsed) return parsed.peer;
    wrong.push(`--${flag} ${parsed.error}`);
    return undefined;
  };
  const [from, to] = [peer('from'), peer('to')];
  const protocol = options.protocol === undefined ? undefined : parseProtocol(options.protocol);
  if (protocol === null) wrong.push(`--protocol \`${options.protocol ?? ''}\` is not known`);
  for (const input of runbook.needs) {
    if (options[input] === undefined) wrong.push(`--${input} is needed by ${runbook.id}`);
  }
  const known = new Set<RunbookInput>([...runbook.needs, ...runbook.takes]);
  for (const input of RUNBOOK_INPUTS) {
    if (options[input] !== undefined && !known.has(input)) {
      wrong.push(`--${input} is not taken by ${runbook.id}, leave it out`);
    }
  }
  if (wrong.length > 0) throw new CliError(EXIT.usage, 'the runbook cannot be run', wrong);
  const { port, namespace, node } = options;
  const number = port !== undefined && /^\d+$/.test(port) ? Number(port) : port;
  return { from, to, protocol: protocol ?? undefined, port: number, namespace, node };
}

async function runOnServer(runbook: string, options: RunbookOptions, terminal: Terminal): Promise<RunbookReport> {
  const { server, cluster, at, all, from, to, port, protocol, namespace, node } = options;
  if (cluster === undefined) {
    throw new CliError(EXIT.usage, 'give --cluster with --server, or manifests with --dir');
  }
  const manifests = options.manifests === undefined ? undefined : await readText(options.manifests, terminal);
  const given = { from, to, port, protocol, namespace, node, manifests, at, all };
  const body = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const client = new ServerClient(server ?? DEFAULT_SERVER);
  const answer = await client.post(`clusters/${encodeURIComponent(cluster)}/runbook-runs`, { runbook, ...body });
  return answer as RunbookReport;
}
