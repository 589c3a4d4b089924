import { basename, resolve } from 'node:path';

import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-code.js';
import type { SourceOptions } from './can-options.js';

/** Throws a `CliError` unless just one source is named. */
export function assertOneSource({ dir, server }: SourceOptions): void {
  if ((dir === undefined) === (server === undefined)) throw noSource();
}

/** The cluster that a server is asked about. Throws a `CliError` when it is not named. */
export function clusterOfServer({ server, cluster }: SourceOptions): {
  readonly server: string;
  readonly cluster: string;
} {
  if (server === undefined || cluster === undefined) {
    throw new CliError(EXIT.usage, '--server needs --cluster with the name of one of its clusters');
  }
  return { server, cluster };
}

export function noSource(): CliError {
  return new CliError(EXIT.usage, 'say where to look: either --dir with manifests, or --server with --cluster');
}

/** What a picture says that it is about: the cluster, or the folder by its name alone, as pictures are passed on. */
export function placeOf({ dir, cluster }: SourceOptions): string {
  if (cluster !== undefined) return cluster;
  return dir === undefined || dir === '-' ? 'standard input' : basename(resolve(dir));
}
