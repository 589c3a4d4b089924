import type { Database } from './database.js';

/** Key of the advisory lock that writes with a condition take. */
const WRITE_LOCK = 402_120;

/** Lets writes that depend on what they find go one after the other, in all processes. */
export class WriteTurns {
  /** One connection at most waits in each process. */
  #last: Promise<void> = Promise.resolve();

  constructor(private readonly database: Database) {}

  /** Waits for the turn, and gives what ends it. */
  take(): Promise<() => void> {
    return new Promise((taken, failed) => {
      this.#last = this.#last.then(() => this.#turn(taken)).catch(failed);
    });
  }

  #turn(taken: (end: () => void) => void): Promise<void> {
    return this.database.transaction(async (client) => {
      await client.query('SELECT pg_advisory_xact_lock($1)', [WRITE_LOCK]);
      await new Promise<void>(taken);
    });
  }
}
