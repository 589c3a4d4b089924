import { writeFile } from 'node:fs/promises';
import { FRAMEWORKS, loadChecks, runChecks } from '#checks';
import type { ReportFormat } from '#contracts';
import { compileSnapshot } from '#engine';
import { forFramework, renderReport, reportOfRun, type ReportModel } from '#reports';

import { CliError } from '../cli-error.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { readFolder } from '../manifests/read-folder.js';
import { DEFAULT_SERVER } from '../options.js';
import { ServerClient } from '../server/server-client.js';
import type { Terminal } from '../terminal.js';
import { formNamed } from './report-format.js';

export interface ReportOptions {
  readonly dir?: string;
  readonly server?: string;
  readonly cluster?: string;
  readonly audit?: string;
  readonly output: ReportFormat | 'md';
  /** The same by its longer name. */
  readonly format?: ReportFormat | 'md';
  readonly framework?: string;
  readonly out?: string;
  /** The time that a report of a folder bears. */
  readonly at?: Date;
}

/** Writes the report of an audit: of manifests, made now, or of the last audit that a server made of a cluster. */
export async function writeReport(options: ReportOptions, terminal: Terminal): Promise<ExitCode> {
  const bytes = options.dir === undefined ? await ofServer(options) : await ofFolder(options, options.dir, terminal);
  if (options.out !== undefined) {
    await writeFile(options.out, bytes);
    terminal.err(`wrote ${options.out} (${bytes.length} bytes)`);
  } else if (formatOf(options) === 'pdf') throw new CliError(EXIT.usage, 'a PDF is no text, name a file with --out');
  else terminal.out(Buffer.from(bytes).toString('utf8').trimEnd());
  return EXIT.ok;
}

function formatOf({ output, format }: ReportOptions): ReportFormat {
  return formNamed(format ?? output) as ReportFormat;
}

async function ofFolder(options: ReportOptions, dir: string, terminal: Terminal): Promise<Uint8Array> {
  const { facts } = await readFolder(dir, terminal);
  const snapshot = compileSnapshot(facts);
  const at = options.at ?? new Date();
  const run = runChecks(snapshot, await loadChecks(), { settings: { now: at.toISOString() } });
  const pods = snapshot.endpoints.filter(({ kind }) => kind === 'pod');
  const namespaces = [...new Set(pods.map((pod) => pod.namespace))];
  const whole = reportOfRun(run, { cluster: dir, createdAt: at, namespaces });
  return renderReport(cutTo(whole, options.framework), formatOf(options));
}

function cutTo(model: ReportModel, framework: string | undefined): ReportModel {
  const cut = framework === undefined ? model : forFramework(model, framework);
  if (cut !== null) return cut;
  throw new CliError(EXIT.usage, `there is no framework \`${framework ?? ''}\``, [
    `the frameworks are ${Object.keys(FRAMEWORKS).join(', ')}`,
  ]);
}

async function ofServer(options: ReportOptions): Promise<Uint8Array> {
  const { server, cluster, audit, framework } = options;
  const client = new ServerClient(server ?? DEFAULT_SERVER);
  const id = audit ?? (await lastAudit(client, cluster));
  return client.bytes(`audits/${encodeURIComponent(id)}/report`, { format: formatOf(options), framework });
}

async function lastAudit(client: ServerClient, cluster: string | undefined): Promise<string> {
  if (cluster === undefined) {
    throw new CliError(EXIT.usage, 'give --dir with manifests, or --server with --cluster or --audit');
  }
  const { id } = (await client.get(`clusters/${encodeURIComponent(cluster)}/audit`)) as { readonly id: string };
  return id;
}
