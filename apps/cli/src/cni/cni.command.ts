import type { CniReport, IgnoredPolicies } from '#engine';

import type { SourceOptions } from '../can/can-options.js';
import { clusterOfServer } from '../can/question-source.js';
import { CliError } from '../cli-error.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import type { Terminal } from '../terminal.js';

/** Options of `atlas cni`. Without a source it compares CNIs; with one it tells about a cluster's. */
export interface CniOptions extends SourceOptions {
  readonly output: 'text' | 'json' | 'md' | 'csv';
  readonly at?: string;
  readonly history?: boolean;
}

/** What a cluster runs, as the server tells it too: policies of one kind are counted, the first of them are named. */
export interface ClusterCni extends Pick<CniReport, 'cni' | 'lacking' | 'deviations' | 'features'> {
  readonly ignored: readonly (IgnoredPolicies & { readonly count: number })[];
  readonly lackingCount: number;
}

/** Compares CNIs, or tells which one a cluster runs and which of its policies that ignores. */
export async function runCni(options: CniOptions, terminal: Terminal): Promise<ExitCode> {
  const { dir, server, cluster, output } = options;
  if (dir === undefined && server === undefined) {
    if (cluster !== undefined) throw new CliError(EXIT.usage, '--cluster needs --server');
    refusePast(options);
    return compare(output, terminal);
  }
  if (output === 'md' || output === 'csv') {
    throw new CliError(EXIT.usage, `-o ${output} is for the comparison, use text or json with a cluster`);
  }
  if (dir !== undefined) refusePast(options);
  if (options.history === true) {
    if (options.at !== undefined) throw new CliError(EXIT.usage, '--history is of all times, leave --at out');
    const { runCniHistory } = await import('./cni-history.command.js');
    return runCniHistory(options, terminal);
  }
  const report = dir === undefined ? await ofServer(options) : await ofFolder(dir, terminal);
  if (output === 'json') terminal.out(JSON.stringify(report, null, 2));
  else {
    const { renderReport } = await import('./render-report.js');
    terminal.out(renderReport(report));
  }
  return EXIT.ok;
}

function refusePast({ at, history }: CniOptions): void {
  if (at !== undefined) throw new CliError(EXIT.usage, '--at needs a server: a folder has no history');
  if (history === true) throw new CliError(EXIT.usage, '--history needs --server with --cluster');
}

async function compare(output: CniOptions['output'], terminal: Terminal): Promise<ExitCode> {
  const [{ cniComparison }, { comparisonTable, renderComparison, renderMarkdown }] = await Promise.all([
    import('#engine'),
    import('./render-comparison.js'),
  ]);
  const rows = cniComparison();
  if (output === 'json') terminal.out(JSON.stringify(rows, null, 2));
  else if (output === 'csv') {
    const { renderCsv } = await import('#render');
    terminal.out(renderCsv(comparisonTable(rows)).trimEnd());
  } else terminal.out(output === 'md' ? renderMarkdown(rows) : renderComparison(rows));
  return EXIT.ok;
}

async function ofFolder(dir: string, terminal: Terminal): Promise<ClusterCni> {
  const [{ cniReport, detectCni }, { readFolder }] = await Promise.all([
    import('#engine'),
    import('../manifests/read-folder.js'),
  ]);
  const { facts } = await readFolder(dir, terminal);
  const policies = facts.filter((fact) => fact.type === 'policy');
  const report = cniReport(detectCni(facts), policies);
  const lackingCount = report.lacking.length;
  return {
    ...report,
    lackingCount,
    ignored: report.ignored.map((found) => ({ ...found, count: found.policies.length })),
  };
}

async function ofServer(options: CniOptions): Promise<ClusterCni> {
  const { server, cluster } = clusterOfServer(options);
  const { ServerClient } = await import('../server/server-client.js');
  const body = await new ServerClient(server).get(`clusters/${encodeURIComponent(cluster)}/cni`, { at: options.at });
  if (!isReport(body)) throw new CliError(EXIT.unreachable, `\`${server}\` did not answer the question`);
  return body;
}

function isReport(body: unknown): body is ClusterCni {
  return typeof body === 'object' && body !== null && 'cni' in body && 'lacking' in body && 'deviations' in body;
}
