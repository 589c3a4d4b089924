import { CliError } from '../cli-error.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import type { Terminal } from '../terminal.js';
import { namespaceMap, type DiffOptions } from './diff-options.js';
import { BASELINE, readSide, type SideArgument } from './drift-side.js';

type ClusterSide = Extract<SideArgument, { type: 'cluster' }>;

/** Compares two states and tells what differs. */
export async function runDiff(
  before: string,
  after: string | undefined,
  options: DiffOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const [first, second] = [readSide(before), after === undefined ? undefined : readSide(after)];
  if (first.type === 'path' && second?.type === 'path') {
    const { diffFolders } = await import('./diff-folders.js');
    return diffFolders(first.path, second.path, options, terminal);
  }
  if (first.type === 'path' && second === undefined) {
    throw new CliError(EXIT.usage, 'name two folders, or a folder and cluster:NAME with --server');
  }
  if (second?.type === 'path') {
    throw new CliError(EXIT.usage, 'to see what a folder would change in a cluster, use atlas whatif --apply');
  }
  if (options.server === undefined) throw new CliError(EXIT.usage, 'a cluster needs --server');
  return diffOnServer(options.server, first, second, options, terminal);
}

async function diffOnServer(
  server: string,
  first: SideArgument,
  second: ClusterSide | undefined,
  options: DiffOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const [{ ServerClient }, { fetchDrift }, { tellDrift }, { probeOnServer }] = await Promise.all([
    import('../server/server-client.js'),
    import('./remote-drift.js'),
    import('./drift-output.js'),
    import('./probe-command.js'),
  ]);
  const { dangerous, breaking, type, kind, namespace, reading } = options;
  const names = namespaceMap(options.mapNamespace);
  const question = {
    ...(await statesOf(first, second)),
    ...(dangerous && { dangerous }),
    ...(breaking && { breaking }),
    ...(type.length > 0 && { type }),
    ...(kind.length > 0 && { kind }),
    ...(namespace !== undefined && { namespace }),
    ...(reading !== undefined && { reading }),
    ...(Object.keys(names).length > 0 && { namespaces: names }),
  };
  const { page: _, ...answer } = await fetchDrift(new ServerClient(server), 'drift', question);
  const { reading: told, summary, entries, objects, ...extra } = answer;
  const report = { reading: told, summary, entries, objects };
  // A probe asks what is enforced: what was told of policy as written is no entry of that.
  const probe = told === 'enforced' ? probeOnServer(server, first, extra, options) : '';
  return tellDrift({ report, title: 'Network drift', extra, probe }, options.output, options.failOn, terminal);
}

/** What a question of a server says of two states. */
export async function statesOf(first: SideArgument, second: ClusterSide | undefined): Promise<Record<string, unknown>> {
  if (first.type === 'path') {
    const { packFolder } = await import('../manifests/pack-folder.js');
    const manifests = Buffer.from(await packFolder(first.path)).toString('base64');
    return { cluster: second?.cluster, after: second?.at, against: { manifests, encoding: 'base64' } };
  }
  // One name alone: what its newest snapshot, or the one that is named, changed.
  if (second === undefined) {
    return { cluster: first.cluster, ...(first.at === BASELINE ? { before: BASELINE } : { after: first.at }) };
  }
  if (second.cluster === first.cluster) return { cluster: second.cluster, before: first.at, after: second.at };
  return { cluster: second.cluster, after: second.at, against: { cluster: first.cluster, at: first.at } };
}
