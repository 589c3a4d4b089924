import type { ClusterProblem } from '#contracts';

/** One Kubernetes object as it was written, with its place. Items of a `List` are objects of their own. */
export interface ManifestObject {
  readonly raw: unknown;
  readonly file: string;
  /** 1 for the first document of the file. */
  readonly document: number;
  /** Line of the file where the object begins, 1 for the first. */
  readonly line: number;
  /** Where the object stands in its document: '' or, in a list, as `/items/3`. */
  readonly pointer: string;
  /** The line of a field of this object, by JSON pointer; the nearest existing parent when the field is absent. */
  readonly lineOf: (pointer: string) => number;
}

/** All objects of a folder, archive or file, in order of path and document, and what could not be read. */
export interface ManifestSet {
  readonly objects: readonly ManifestObject[];
  readonly problems: readonly ClusterProblem[];
}

/** A file's content under the name that problems use for it. */
export interface ManifestFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** What bounds the memory that one set may take, in bytes and counts. */
export interface ManifestLimits {
  readonly fileBytes: number;
  readonly totalBytes: number;
  readonly files: number;
  readonly problems: number;
}

export const MANIFEST_LIMITS: ManifestLimits = {
  fileBytes: 64 * 1024 * 1024,
  totalBytes: 512 * 1024 * 1024,
  files: 50_000,
  problems: 1_000,
};
