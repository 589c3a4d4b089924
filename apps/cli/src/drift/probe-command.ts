import { commandLine } from '#engine';

import { DEFAULT_SERVER } from '../options.js';
import type { DiffOptions } from './diff-options.js';
import { BASELINE, type SideArgument } from './drift-side.js';
import type { RemoteDrift } from './remote-drift.js';

type Compared = Pick<DiffOptions, 'mapNamespace'>;

/** The command that tries out an entry of a comparison of two folders, but for the id of the entry. */
export function probeOfFolders(before: string, after: string, options: Compared): string {
  return command(['--dir', after, '--before', before], options);
}

/** The same of what a server compared. It names the snapshots, as newer ones may have come when it is typed. */
export function probeOnServer(
  server: string,
  first: SideArgument,
  { asOf, before, after }: Pick<RemoteDrift, 'asOf' | 'before' | 'after'>,
  options: Compared,
): string {
  const { cluster } = asOf;
  const address = server === DEFAULT_SERVER ? ['--server'] : ['--server', server];
  const at = after.seq === undefined ? [] : ['--at', String(after.seq)];
  return command([...address, '--cluster', cluster, '--before', stateText(cluster, first, before), ...at], options);
}

function stateText(cluster: string, first: SideArgument, { seq }: RemoteDrift['before']): string {
  if (first.type === 'path') return first.path;
  if (first.at === BASELINE) return BASELINE;
  const point = String(seq ?? first.at ?? 'latest');
  return first.cluster === cluster ? point : `cluster:${first.cluster}@${point}`;
}

function command(parts: readonly string[], { mapNamespace }: Compared): string {
  const names = mapNamespace.flatMap((pair) => ['--map-namespace', pair]);
  return commandLine('atlas', 'probe', ...parts, ...names);
}
