import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';

import { AppError, type ClusterProblem } from '#contracts';

import { archiveType } from './archive-type.js';
import type { ArchiveContent } from './archive.source.js';
import { expandDocument } from './expand-document.js';
import { listFolder, readListed, reason, tooLarge } from './folder.source.js';
import {
  MANIFEST_LIMITS,
  type ManifestFile,
  type ManifestLimits,
  type ManifestObject,
  type ManifestSet,
} from './manifest-set.js';
import { parseFile } from './parse-file.js';
import type { DocumentFault } from './parsed-document.js';

/** Where manifests come from. `contentType` is a hint only: archives are told by their first bytes. */
export type ManifestInput =
  | { readonly dir: string }
  | { readonly archive: Uint8Array | string }
  | { readonly bytes: Uint8Array; readonly contentType: string; readonly name?: string }
  | { readonly files: readonly ManifestFile[] };

/**
 * Reads every manifest of a folder, file, archive or upload: YAML and JSON, several documents a file, lists expanded.
 * A broken file, document or item becomes a problem with its place and costs nothing else. Throws `AppError`
 * (`cluster.source_invalid`, `upload.unsupported`, `upload.too_large`) only when the source as a whole cannot be read.
 */
export async function readManifests(
  input: ManifestInput,
  limits: ManifestLimits = MANIFEST_LIMITS,
): Promise<ManifestSet> {
  const set = new SetBuilder(limits);
  if ('dir' in input) {
    const listing = await listFolder(input.dir, limits);
    set.add(listing.problems);
    const unread: ClusterProblem[] = [];
    for await (const file of readListed(listing, limits, unread)) set.read(file);
    set.add(unread);
  } else if ('archive' in input) {
    const bytes = typeof input.archive === 'string' ? await archiveBytes(input.archive, limits) : input.archive;
    set.readAll(await unpacked(bytes, limits));
  } else if ('files' in input) {
    for (const file of input.files) set.read(file);
  } else if (archiveType(input.bytes) !== null) {
    set.readAll(await unpacked(input.bytes, limits));
  } else {
    set.read({ path: input.name ?? uploadName(input.contentType, input.bytes), bytes: input.bytes });
  }
  return set.done();
}

/** What unpacks is loaded for archives alone. */
async function unpacked(bytes: Uint8Array, limits: ManifestLimits): Promise<ArchiveContent> {
  return (await import('./archive.source.js')).readArchive(bytes, limits);
}

async function archiveBytes(path: string, limits: ManifestLimits): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size <= limits.totalBytes) return await readFile(path);
  } catch (error) {
    throw new AppError('cluster.source_invalid', `cannot read \`${path}\`: ${reason(error)}`, { cause: error });
  }
  throw new AppError(
    'cluster.source_invalid',
    `\`${basename(path)}\` is larger than ${limits.totalBytes / 2 ** 20} MiB`,
  );
}

function uploadName(contentType: string, bytes: Uint8Array): string {
  const first = Buffer.from(bytes.subarray(0, 1024)).toString('latin1').trimStart().charAt(0);
  return /json/i.test(contentType) || first === '{' ? 'upload.json' : 'upload.yaml';
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

class SetBuilder {
  private readonly objects: ManifestObject[] = [];
  private readonly problems: ClusterProblem[] = [];
  private dropped = 0;
  private files = 0;

  constructor(private readonly limits: ManifestLimits) {}

  readAll(content: { files: readonly ManifestFile[]; problems: readonly ClusterProblem[] }): void {
    this.add(content.problems);
    for (const file of content.files) this.read(file);
  }

  read({ path, bytes }: ManifestFile): void {
    this.files += 1;
    if (bytes.length > this.limits.fileBytes) {
      this.add([{ code: 'manifest.too_large', message: tooLarge(bytes.length, this.limits), file: path }]);
      return;
    }
    const text = decode(bytes);
    if (text === null) {
      this.add([{ code: 'manifest.encoding', message: 'not UTF-8 text; save it as UTF-8', file: path }]);
      return;
    }
    for (const result of parseFile(text, /\.json$/i.test(path))) {
      if (!result.ok) {
        this.add([placed(result.fault, path)]);
        continue;
      }
      const { objects, problems } = expandDocument(result.document, path);
      for (const object of objects) this.objects.push(object);
      // YAML of other tools has tags of its own.
      if (objects.length > 0) this.add((result.document.warnings ?? []).map((warning) => placed(warning, path)));
      this.add(problems);
    }
  }

  add(problems: readonly ClusterProblem[]): void {
    for (const problem of problems) {
      if (this.problems.length < this.limits.problems) this.problems.push(problem);
      else this.dropped += 1;
    }
  }

  done(): ManifestSet {
    if (this.files === 0 && this.problems.length === 0) {
      this.problems.push({ code: 'manifest.none', message: 'no .yaml, .yml or .json file was found' });
    }
    if (this.dropped > 0) {
      this.problems.push({ code: 'manifest.more', message: `${this.dropped} more problems are not listed` });
    }
    return { objects: this.objects, problems: this.problems };
  }
}

function placed({ number, ...fault }: DocumentFault, file: string): ClusterProblem {
  return { ...fault, file, document: number };
}

function decode(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}
