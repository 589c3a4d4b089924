/** How changes become snapshots. */
export interface IngestSettings {
  /** Longest time that a change waits. */
  readonly flushIntervalMs: number;
  /** Pending objects that are stored at once without waiting. */
  readonly flushMaxObjects: number;
  /** Longest time that the first flush waits for every kind to be listed, so that the first snapshot is a whole one. */
  readonly firstFlushMs: number;
  /** Shortest time between writes of a cluster's row. */
  readonly reportIntervalMs: number;
  /** Shortest time between writes of how far the source was read. */
  readonly positionIntervalMs: number;
  /** Time between looks at a folder or archive. */
  readonly folderPollMs: number;
  /** Time between looks at the list of clusters, for notifications that were lost. */
  readonly scanIntervalMs: number;
  /** Waits after a failed write: doubling from the first to the second. */
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
}

export const INGEST_SETTINGS: IngestSettings = {
  flushIntervalMs: 500,
  flushMaxObjects: 5_000,
  firstFlushMs: 5_000,
  reportIntervalMs: 500,
  positionIntervalMs: 5_000,
  folderPollMs: 5_000,
  scanIntervalMs: 15_000,
  retryMinMs: 500,
  retryMaxMs: 15_000,
};
