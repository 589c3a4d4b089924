import type { BackoffOptions } from './backoff.js';

/** How a source reads. */
export interface WatchSettings {
  readonly pageSize: number;
  /** Take what is longer than a page as a stream, where the server has that. */
  readonly streamLists: boolean;
  readonly watchTimeoutSeconds: number;
  readonly requestTimeoutMs: number;
  /** A watch that is silent for this long is opened again. Servers send a bookmark about once a minute. */
  readonly stallAfterMs: number;
  /** Time between full lists. */
  readonly resyncIntervalMs: number;
  /** Time between looks at which kinds are served. */
  readonly discoveryIntervalMs: number;
  /** Time between lists of kinds that are read by name only (ConfigMaps). */
  readonly pollIntervalMs: number;
  readonly heartbeatIntervalMs: number;
  /** Time until a kind that is forbidden is tried again. */
  readonly forbiddenRetryMs: number;
  readonly backoff: BackoffOptions;
  /** Lists that may run at once. */
  readonly concurrentLists: number;
}

export const WATCH_SETTINGS: WatchSettings = {
  pageSize: 500,
  streamLists: true,
  watchTimeoutSeconds: 300,
  requestTimeoutMs: 30_000,
  stallAfterMs: 150_000,
  resyncIntervalMs: 3_600_000,
  discoveryIntervalMs: 10_000,
  pollIntervalMs: 30_000,
  heartbeatIntervalMs: 5_000,
  forbiddenRetryMs: 30_000,
  backoff: { minMs: 500, maxMs: 30_000 },
  concurrentLists: 6,
};
