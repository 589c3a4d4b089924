import type { Secret } from '#config';
import type { Log } from '#telemetry';

export interface DatabaseOptions {
  readonly url: Secret | string;
  readonly log?: Log;
  readonly poolSize?: number;
}
/** One process's connections to Postgres. */
export declare class Database {
  constructor(options: DatabaseOptions);
  /** Checks that the server answers. Throws `database.unavailable`. */
  connect(): Promise<void>;
  close(): Promise<void>;
  ping(): Promise<void>;
  /**
   * Calls `handler` with the payload of each notification on `channel`. Reconnects by itself; `onResume` is called
   * after a reconnect, when notifications may have been missed. Resolves once listening, with a function that ends it.
   */
  listen(channel: string, handler: (payload: string) => void, onResume?: () => void): Promise<() => Promise<void>>;
}
