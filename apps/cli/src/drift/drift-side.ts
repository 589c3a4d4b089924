import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-code.js';

/** In the place of a snapshot: what the cluster is declared to be. */
export const BASELINE = 'baseline';

/** One side of a comparison, as it is named on the command line. */
export type SideArgument =
  | { readonly type: 'path'; readonly path: string }
  | { readonly type: 'cluster'; readonly cluster: string; readonly at: string | undefined };

/** `cluster:shop`, `cluster:shop@3`, `cluster:shop@2026-01-31T12:00:00Z`, or a path. */
export function readSide(text: string): SideArgument {
  const match = /^cluster:([^@]+)(?:@(.+))?$/.exec(text);
  if (match !== null) return { type: 'cluster', cluster: match[1] ?? '', at: match[2] };
  if (text.startsWith('cluster:')) {
    throw new CliError(EXIT.usage, `\`${text}\` names no cluster, write it as cluster:NAME or cluster:NAME@SNAPSHOT`);
  }
  return { type: 'path', path: text };
}
