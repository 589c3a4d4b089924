import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { Secret } from '#config';
import { silentLog, type HealthCheck, type Log } from '#telemetry';
import { ChannelListener } from './channel-listener.js';
import { PrismaClient } from './generated/client.js';
import { withStoreErrors } from './store-error.js';

export interface DatabaseOptions {
  readonly url: Secret | string;
  readonly log?: Log;
  /** Most connections at a time, 10 when left out. */
  readonly poolSize?: number;
}

const CONNECT_TIMEOUT_MS = 10_000;
const IDLE_TIMEOUT_MS = 30_000;

/** Of a connection that is lost in a transaction its queries tell; without a listener the loss would end the process. */
const ignoreLoss = (): void => undefined;

/** One process's connections to Postgres: Prisma for rows, a pool for bulk work, and a listener for notifications. */
export class Database implements HealthCheck {
  readonly name = 'database';
  /** Prisma's client. It shares the pool. */
  readonly prisma: PrismaClient;
  readonly #pool: pg.Pool;
  readonly #listener: ChannelListener;

  constructor(options: DatabaseOptions) {
    const url = options.url instanceof Secret ? options.url.reveal() : options.url;
    const log = options.log ?? silentLog;
    this.#pool = new pg.Pool({
      connectionString: url,
      max: options.poolSize ?? 10,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      idleTimeoutMillis: IDLE_TIMEOUT_MS,
      application_name: 'atlas',
    });
    this.#pool.on('error', (error) => {
      log.warn('an idle database connection failed', { reason: error.message });
    });
    this.prisma = new PrismaClient({ adapter: new PrismaPg(this.#pool) });
    this.#listener = new ChannelListener(url, log);
  }

  /** Checks that the server answers. Throws `database.unavailable`. */
  async connect(): Promise<void> {
    await this.check();
  }

  /** Ends every connection. Work that is under way is waited for. */
  async close(): Promise<void> {
    await this.#listener.close();
    await this.prisma.$disconnect();
    if (!this.#pool.ended) await this.#pool.end();
  }

  /** Resolves when the server answers. Throws `database.unavailable`. */
  async check(): Promise<void> {
    await this.query('SELECT 1');
  }

  /** Runs one statement. Errors of the connection become `database.unavailable`. */
  query<R extends pg.QueryResultRow>(sql: string, values: readonly unknown[] = []): Promise<pg.QueryResult<R>> {
    return withStoreErrors(() => this.#pool.query<R>(sql, [...values]));
  }

  /** Runs `work` in one transaction on one connection; a throw rolls it back. */
  transaction<T>(work: (client: pg.PoolClient) => Promise<T>, begin = 'BEGIN'): Promise<T> {
    return withStoreErrors(async () => {
      const client = await this.#pool.connect();
      client.on('error', ignoreLoss);
      let broken: Error | boolean = false;
      try {
        await client.query(begin);
        const result = await work(client);
        await client.query('COMMIT');
        return result;
      } catch (error) {
        broken = await client.query('ROLLBACK').then(
          () => false,
          (failure: unknown) => (failure instanceof Error ? failure : true),
        );
        throw error;
      } finally {
        client.release(broken);
        client.off('error', ignoreLoss);
      }
    });
  }

  /**
   * Calls `handler` with the payload of each notification on `channel`. Reconnects by itself; `onResume` is called
   * after that, when notifications may have been missed. Resolves once listening, with a function that ends it.
   */
  listen(channel: string, handler: (payload: string) => void, onResume?: () => void): Promise<() => Promise<void>> {
    return withStoreErrors(() => this.#listener.subscribe(channel, handler, onResume));
  }
}
