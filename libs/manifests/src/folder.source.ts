import { type Dirent } from 'node:fs';
import { readFile, readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';

import { AppError, type ClusterProblem } from '#contracts';

import type { ManifestFile, ManifestLimits } from './manifest-set.js';

/** Names of files that are read. */
export const MANIFEST_FILE = /\.(?:ya?ml|json)$/i;
const SKIPPED_FOLDERS = new Set(['node_modules']);

/** A manifest file of a folder, found but not read. `mtimeMs` and `size` tell whether it changed. */
export interface FolderEntry {
  /** Relative to the root, with `/`. */
  readonly path: string;
  readonly absolute: string;
  readonly mtimeMs: number;
  readonly size: number;
}

export interface FolderListing {
  readonly entries: FolderEntry[];
  readonly problems: ClusterProblem[];
}

/**
 * Lists the manifest files below `root` (or `root` itself when it is a file), sorted by path. Names that begin with a dot
 * are left out; a link is followed only to a place inside the root. Fails with `cluster.source_invalid` when the root
 * cannot be read.
 */
export async function listFolder(root: string, limits: ManifestLimits): Promise<FolderListing> {
  const realRoot = await realpath(root).catch((error: unknown) => {
    throw rootError(root, error);
  });
  const out: FolderListing = { entries: [], problems: [] };
  const info = await stat(realRoot);
  if (info.isFile()) {
    out.entries.push({ path: basename(root), absolute: realRoot, mtimeMs: info.mtimeMs, size: info.size });
    return out;
  }
  const seen = new Set<string>();
  await walk(realRoot, '', true);
  out.entries.sort((a, b) => (a.path < b.path ? -1 : 1));
  return out;

  async function walk(folder: string, at: string, isRoot = false): Promise<void> {
    if (seen.has(folder)) return;
    seen.add(folder);
    let children: Dirent[];
    try {
      children = await readdir(folder, { withFileTypes: true });
    } catch (error) {
      if (isRoot) throw rootError(root, error);
      out.problems.push({ code: 'manifest.unreadable', message: `cannot read the folder: ${reason(error)}`, file: at });
      return;
    }
    for (const child of children.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (child.name.startsWith('.') || SKIPPED_FOLDERS.has(child.name)) continue;
      await visit(child, join(folder, child.name), at === '' ? child.name : `${at}/${child.name}`);
    }
  }

  async function visit(child: Dirent, absolute: string, path: string): Promise<void> {
    if (child.isDirectory()) return walk(absolute, path);
    if (child.isFile()) return MANIFEST_FILE.test(path) ? file(absolute, path) : undefined;
    if (!child.isSymbolicLink()) return;
    const target = await realpath(absolute).catch(() => null);
    if (target === null) {
      if (MANIFEST_FILE.test(path)) problem('manifest.unreadable', 'the link leads nowhere', path);
      return;
    }
    if (!isInside(realRoot, target)) {
      problem('manifest.link_outside', 'the link leads out of the folder and was not followed', path);
      return;
    }
    const info = await stat(target);
    if (info.isDirectory()) return walk(target, path);
    if (info.isFile() && MANIFEST_FILE.test(path)) return file(target, path);
  }

  async function file(absolute: string, path: string): Promise<void> {
    if (seen.has(absolute)) return;
    seen.add(absolute);
    if (out.entries.length >= limits.files) {
      throw new AppError('cluster.source_invalid', `\`${root}\` holds more than ${limits.files} manifest files`);
    }
    const info = await stat(absolute).catch(() => null);
    if (info) out.entries.push({ path, absolute, mtimeMs: info.mtimeMs, size: info.size });
  }

  function problem(code: string, message: string, path: string): void {
    out.problems.push({ code, message, file: path });
  }
}

/** Reads the listed files one after the other. A file that is too large or cannot be read becomes a problem. */
export async function* readListed(
  listing: FolderListing,
  limits: ManifestLimits,
  problems: ClusterProblem[],
): AsyncGenerator<ManifestFile> {
  let total = 0;
  for (const entry of listing.entries) {
    if (entry.size > limits.fileBytes || total + entry.size > limits.totalBytes) {
      problems.push({ code: 'manifest.too_large', message: tooLarge(entry.size, limits), file: entry.path });
      continue;
    }
    try {
      const bytes = await readFile(entry.absolute);
      total += bytes.length;
      yield { path: entry.path, bytes };
    } catch (error) {
      problems.push({
        code: 'manifest.unreadable',
        message: `cannot read the file: ${reason(error)}`,
        file: entry.path,
      });
    }
  }
}

/** Says which of the two size limits a file of `size` bytes breaks. */
export function tooLarge(size: number, limits: ManifestLimits): string {
  return size > limits.fileBytes
    ? `larger than ${limits.fileBytes / 2 ** 20} MiB; split it`
    : `all files together are larger than ${limits.totalBytes / 2 ** 20} MiB; this one was left out`;
}

function isInside(root: string, target: string): boolean {
  const way = relative(root, target);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`));
}

function rootError(root: string, error: unknown): AppError {
  return new AppError('cluster.source_invalid', `cannot read \`${root}\`: ${reason(error)}`, { cause: error });
}

/** A system error in plain words. */
export function reason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code === 'ENOENT') return 'it does not exist';
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied';
  if (code === 'ENOTDIR' || code === 'EISDIR') return 'it is not what its path says (file or folder)';
  if (code === 'ELOOP') return 'its links run in a circle';
  return code ?? (error instanceof Error ? error.message : String(error));
}
