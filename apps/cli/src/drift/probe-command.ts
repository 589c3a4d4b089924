import { DEFAULT_SERVER } from '../options.js';
import type { DiffOptions } from './diff-options.js';
import type { SideArgument } from './drift-side.js';

type Compared = Pick<DiffOptions, 'mapNamespace' | 'reading'>;

/** A state as a report names it: a numbered snapshot, or what was given. */
interface ToldState {
  readonly seq?: number;
}

/** The command that tries out an entry of a comparison of two folders; `''` where there is none. */
export function probeOfFolders(before: string, after: string, options: Compared): string {
  return command(['--dir', after, '--before', before], options);
}

/** The same of what a server compared. It names the snapshots, as newer ones may have come when it is typed. */
export function probeOnServer(
  server: string,
  first: SideArgument,
  { cluster, before, after }: { readonly cluster: string; readonly before: ToldState; readonly after: ToldState },
  options: Compared,
): string {
  const address = server === DEFAULT_SERVER ? ['--server'] : ['--server', server];
  const at = after.seq === undefined ? [] : ['--at', String(after.seq)];
  return command([...address, '--cluster', cluster, '--before', stateText(cluster, first, before), ...at], options);
}

function stateText(cluster: string, first: SideArgument, { seq }: ToldState): string {
  if (first.type === 'path') return first.path;
  if (first.at === 'baseline') return 'baseline';
  const point = String(seq ?? first.at ?? 'latest');
  return first.cluster === cluster ? point : `cluster:${first.cluster}@${point}`;
}

/** A probe asks what is enforced, so what was told of another reading is no entry of it. */
function command(parts: readonly string[], { mapNamespace, reading }: Compared): string {
  if (reading !== undefined) return '';
  const names = mapNamespace.flatMap((pair) => ['--map-namespace', pair]);
  return ['atlas', 'probe', ...parts, ...names].map(quoted).join(' ');
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
