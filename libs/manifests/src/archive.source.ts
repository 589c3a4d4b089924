import { promisify } from 'node:util';
import { constants, gunzip } from 'node:zlib';

import { AppError, type ClusterProblem } from '#contracts';
import { type UnzipFileInfo, unzip } from 'fflate';
import { Parser, type ReadEntry } from 'tar';

import { archiveType } from './archive-type.js';
import { MANIFEST_FILE, tooLarge } from './folder.source.js';
import type { ManifestFile, ManifestLimits } from './manifest-set.js';

export interface ArchiveContent {
  readonly files: ManifestFile[];
  readonly problems: ClusterProblem[];
}

/**
 * Unpacks the manifest files of an archive in memory, sorted by path. Nothing is written to disk and links are not
 * followed. A damaged end costs only what lies behind it. Fails with `upload.too_large` when it unpacks to more than
 * `limits.totalBytes`, and with `upload.unsupported` when nothing can be read.
 */
export async function readArchive(bytes: Uint8Array, limits: ManifestLimits): Promise<ArchiveContent> {
  const type = archiveType(bytes);
  if (type === 'zip') return sorted(await readZip(bytes, limits));
  if (type === 'tar') return sorted(await readTar(bytes, limits));
  if (type !== 'gzip') throw new AppError('upload.unsupported', 'not an archive: expected .tar, .tar.gz, .tgz or .zip');
  const content: ArchiveContent = { files: [], problems: [] };
  const inner = await inflate(bytes, limits, content.problems);
  if (archiveType(inner) === 'tar') return sorted(await readTar(inner, limits, content));
  if (archiveType(inner) !== null) throw new AppError('upload.unsupported', 'an archive inside gzip must be a tar');
  content.files.push({ path: 'content.yaml', bytes: inner });
  return content;
}

const gunzipAll = promisify(gunzip);

async function inflate(bytes: Uint8Array, limits: ManifestLimits, problems: ClusterProblem[]): Promise<Uint8Array> {
  try {
    return await gunzipAll(bytes, { maxOutputLength: limits.totalBytes });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooMuch(limits);
    if (code !== 'Z_BUF_ERROR') throw broken('gzip', error);
  }
  problems.push({ code: 'manifest.archive', message: 'the archive is cut off; what was before the cut is loaded' });
  return gunzipAll(bytes, { maxOutputLength: limits.totalBytes, finishFlush: constants.Z_SYNC_FLUSH });
}

function readTar(
  bytes: Uint8Array,
  limits: ManifestLimits,
  out: ArchiveContent = { files: [], problems: [] },
): Promise<ArchiveContent> {
  return new Promise((resolve, reject) => {
    let total = 0;
    let count = 0;
    let faults = 0;
    const onReadEntry = (entry: ReadEntry): void => {
      const path = entry.path.replace(/^(?:\.?\/)+/, '');
      if (!wanted(path) || !isFile(entry)) {
        if (wanted(path) && entry.type.endsWith('Link')) {
          out.problems.push({
            code: 'manifest.link_outside',
            message: 'links in archives are not followed',
            file: path,
          });
        }
        entry.resume();
        return;
      }
      const after = total + entry.size;
      if (entry.size > limits.fileBytes || after > limits.totalBytes || count >= limits.files) {
        out.problems.push({ code: 'manifest.too_large', message: tooLarge(entry.size, limits), file: path });
        entry.resume();
        return;
      }
      total = after;
      count += 1;
      const chunks: Buffer[] = [];
      entry.on('data', (chunk: Buffer) => chunks.push(chunk));
      entry.on('end', () => out.files.push({ path, bytes: Buffer.concat(chunks) }));
    };
    const parser = new Parser({ onReadEntry, strict: false });
    const finish = (): void => {
      if (faults > 0 && out.files.length === 0) reject(broken('tar'));
      else resolve(out);
    };
    parser.on('warn', (code: string, message: string | Error) => {
      if (code === 'TAR_ENTRY_INFO') return;
      faults += 1;
      const text = message instanceof Error ? message.message : message;
      out.problems.push({ code: 'manifest.archive', message: `the archive is damaged: ${text.toLowerCase()}` });
    });
    parser.on('error', (error: unknown) => reject(broken('tar', error)));
    parser.on('end', finish);
    parser.end(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  });
}

function isFile(entry: ReadEntry): boolean {
  return entry.type === 'File' || entry.type === 'OldFile' || entry.type === 'ContiguousFile';
}

function readZip(bytes: Uint8Array, limits: ManifestLimits): Promise<ArchiveContent> {
  const out: ArchiveContent = { files: [], problems: [] };
  let total = 0;
  let count = 0;
  const filter = (file: UnzipFileInfo): boolean => {
    if (!wanted(file.name) || file.name.endsWith('/')) return false;
    const after = total + file.originalSize;
    if (file.originalSize <= limits.fileBytes && after <= limits.totalBytes && count < limits.files) {
      total = after;
      count += 1;
      return true;
    }
    out.problems.push({ code: 'manifest.too_large', message: tooLarge(file.originalSize, limits), file: file.name });
    return false;
  };
  return new Promise((resolve, reject) => {
    unzip(bytes, { filter }, (error, files) => {
      if (error) {
        reject(broken('zip', error));
        return;
      }
      for (const [path, content] of Object.entries(files)) out.files.push({ path, bytes: content });
      resolve(out);
    });
  });
}

/** Hidden files are left out as in folders; so are the resource forks that macOS adds. */
function wanted(path: string): boolean {
  const parts = path.split('/');
  if (parts.some((part) => part.startsWith('.') || part === '__MACOSX' || part === 'node_modules')) return false;
  return MANIFEST_FILE.test(path);
}

function sorted(content: ArchiveContent): ArchiveContent {
  content.files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return content;
}

function tooMuch(limits: ManifestLimits): AppError {
  return new AppError('upload.too_large', `the archive unpacks to more than ${limits.totalBytes / 2 ** 20} MiB`);
}

function broken(type: string, cause?: unknown): AppError {
  const why = cause instanceof Error ? `: ${cause.message}` : '';
  return new AppError('upload.unsupported', `the ${type} archive is damaged${why}`, { cause });
}
