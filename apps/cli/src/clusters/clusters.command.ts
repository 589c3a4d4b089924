import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { ClusterSourceInput } from '#contracts';
import { reason } from '#manifests';

import { CliError } from '../cli-error.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { problemLine } from '../manifests/problem-line.js';
import type { ServerClient } from '../server/server-client.js';
import { renderTable } from '../table.js';
import type { Terminal } from '../terminal.js';
import type { ClusterView, ResyncView } from './cluster-view.js';

export type ClusterAction = 'get' | 'remove' | 'pause' | 'resume' | 'resync';

/** How `atlas clusters add` says where the objects come from. Exactly one way is given. */
export interface AddOptions {
  readonly kubeconfig?: string;
  readonly kubeconfigPath?: string;
  readonly context?: string;
  readonly inCluster?: boolean;
  readonly folder?: string;
  readonly archive?: string;
  readonly upload?: string;
  readonly agent?: boolean;
}

/** How long a server may take to read a source before it answers with what it has, in seconds. */
const WAIT_SECONDS = '20';

const ERROR_STAYS_MS = 4_000;
const ERROR_LOOK_MS = 250;

/** The cluster commands of `atlas`, each one request or two to a server. */
export class ClusterCommands {
  constructor(
    private readonly server: ServerClient,
    private readonly terminal: Terminal,
    private readonly output: 'text' | 'json',
  ) {}

  async add(name: string, options: AddOptions): Promise<ExitCode> {
    const source = await sourceOf(options);
    // Read before the cluster is made: a file that cannot be read should not leave an empty cluster behind.
    const content = options.upload === undefined ? null : await uploadContent(options.upload);
    // With an upload, that is what is worth waiting for, not the empty cluster before it.
    const path = content === null ? `clusters?wait=${WAIT_SECONDS}` : 'clusters';
    const created = (await this.server.post(path, { name, source })) as ClusterView;
    const shown = content === null ? created : await this.#put(name, content);
    return this.#show(shown);
  }

  async list(sort: string | undefined): Promise<ExitCode> {
    const { items } = await this.server.list('clusters', { sort });
    const clusters = items as readonly ClusterView[];
    if (this.output === 'json') this.terminal.out(JSON.stringify(clusters, null, 2));
    else
      this.terminal.out(renderTable(['NAME', 'SOURCE', 'STATE', 'CNI', 'ENFORCED', 'LAST SYNCED'], clusters.map(row)));
    return EXIT.ok;
  }

  async act(action: ClusterAction, name: string): Promise<ExitCode> {
    const path = `clusters/${encodeURIComponent(name)}`;
    if (action === 'get') return this.#show((await this.server.get(path)) as ClusterView);
    if (action === 'remove') {
      await this.server.delete(path);
      this.terminal.err(`removed \`${name}\``);
      return EXIT.ok;
    }
    if (action === 'resync') {
      const accepted = (await this.server.post(`${path}/resync`)) as ResyncView;
      this.terminal.err(`\`${name}\` is being read again, job ${accepted.job.id}`);
      if (this.output === 'json') this.terminal.out(JSON.stringify(accepted, null, 2));
      return EXIT.ok;
    }
    return this.#show((await this.server.patch(path, { paused: action === 'pause' })) as ClusterView);
  }

  async upload(name: string, path: string): Promise<ExitCode> {
    return this.#show(await this.#put(name, await uploadContent(path)));
  }

  async #put(name: string, upload: Upload): Promise<ClusterView> {
    const path = `clusters/${encodeURIComponent(name)}/upload?wait=${WAIT_SECONDS}`;
    let cluster = (await this.server.put(path, upload.content, upload.contentType)) as ClusterView;
    // The server may still tell of a read that began before the upload: only an error that stays is one.
    const deadline = Date.now() + ERROR_STAYS_MS;
    while (cluster.state === 'error' && Date.now() < deadline) {
      await sleep(ERROR_LOOK_MS);
      cluster = (await this.server.get(`clusters/${encodeURIComponent(name)}`)) as ClusterView;
    }
    return cluster;
  }

  #show(cluster: ClusterView): ExitCode {
    if (this.output === 'json') this.terminal.out(JSON.stringify(cluster, null, 2));
    else this.terminal.out(describe(cluster));
    return EXIT.ok;
  }
}

async function sourceOf(options: AddOptions): Promise<ClusterSourceInput> {
  const ways: [string, () => Promise<ClusterSourceInput> | ClusterSourceInput][] = [];
  const context = options.context === undefined ? {} : { context: options.context };
  const { kubeconfig, kubeconfigPath, folder, archive } = options;
  if (kubeconfig !== undefined) {
    ways.push(['--kubeconfig', async () => ({ type: 'kubeconfig', inline: await textOf(kubeconfig), ...context })]);
  }
  if (kubeconfigPath !== undefined) {
    ways.push(['--kubeconfig-path', () => ({ type: 'kubeconfig', path: resolve(kubeconfigPath), ...context })]);
  }
  if (options.inCluster === true) ways.push(['--in-cluster', () => ({ type: 'inCluster' })]);
  if (folder !== undefined) ways.push(['--folder', () => ({ type: 'folder', path: resolve(folder) })]);
  if (archive !== undefined) ways.push(['--archive', () => ({ type: 'archive', path: resolve(archive) })]);
  if (options.upload !== undefined) ways.push(['--upload', () => ({ type: 'upload' })]);
  if (options.agent === true) ways.push(['--agent', () => ({ type: 'agent' })]);
  const [only, other] = ways;
  if (only === undefined || other !== undefined) {
    const given = other === undefined ? 'none was given' : `given were ${ways.map(([flag]) => flag).join(' and ')}`;
    const all = '--kubeconfig, --kubeconfig-path, --in-cluster, --folder, --archive, --upload, --agent';
    throw new CliError(EXIT.usage, `say where the cluster's objects come from, by one of ${all}; ${given}`);
  }
  if (options.context !== undefined && !only[0].startsWith('--kubeconfig')) {
    throw new CliError(EXIT.usage, `--context belongs to a kubeconfig, not to ${only[0]}`);
  }
  return only[1]();
}

interface Upload {
  readonly content: Uint8Array;
  readonly contentType: string;
}

const CONTENT_TYPES: readonly (readonly [RegExp, string])[] = [
  [/\.json$/i, 'application/json'],
  [/\.zip$/i, 'application/zip'],
  [/\.(tgz|tar\.gz)$/i, 'application/gzip'],
  [/\.tar$/i, 'application/x-tar'],
];

async function uploadContent(path: string): Promise<Upload> {
  const info = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (info.isDirectory()) {
    const { packFolder } = await import('../manifests/pack-folder.js');
    return { content: await packFolder(path), contentType: 'application/zip' };
  }
  const contentType = CONTENT_TYPES.find(([pattern]) => pattern.test(path))?.[1] ?? 'application/yaml';
  return { content: await bytesOf(path), contentType };
}

async function textOf(path: string): Promise<string> {
  return Buffer.from(await bytesOf(path)).toString('utf8');
}

async function bytesOf(path: string): Promise<Uint8Array> {
  return readFile(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
}

function unreadable(path: string, error: unknown): CliError {
  return new CliError(EXIT.usage, `cannot read \`${path}\`: ${reason(error)}`);
}

function row(cluster: ClusterView): string[] {
  return [
    cluster.name,
    cluster.source.type,
    cluster.paused ? 'paused' : cluster.state,
    cluster.cni?.title ?? '-',
    cluster.cni?.enforced ?? '-',
    cluster.lastSyncedAt ?? '-',
  ];
}

function describe(cluster: ClusterView): string {
  const lines = [
    `${cluster.name} (${cluster.id})`,
    `  source   ${sourceLabel(cluster.source)}`,
    `  state    ${cluster.paused ? 'paused, ' : ''}${cluster.state}${cluster.message ? `: ${cluster.message}` : ''}`,
    `  synced   ${cluster.lastSyncedAt ?? 'not yet'}`,
  ];
  const { cni } = cluster;
  if (cni) lines.push(`  network  ${cni.title}, enforces policy: ${cni.enforced}`);
  const counts = Object.entries(cluster.counts ?? {}).filter(([, count]) => count > 0);
  if (counts.length > 0)
    lines.push(`  objects  ${counts.map(([kind, count]) => `${kind} ${String(count)}`).join(', ')}`);
  for (const problem of cluster.problems ?? []) lines.push(`  problem  ${problemLine(problem)}`);
  return lines.join('\n');
}

function sourceLabel(source: ClusterView['source']): string {
  const place = source.path ?? (source.inline === true ? 'given as text' : '');
  const context = source.context ? `context ${source.context}` : '';
  return [source.type, place, context].filter((part) => part !== '').join(' ');
}
