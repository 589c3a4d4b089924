import pg from 'pg';
import { AppError } from '#contracts';
import type { Log } from '#telemetry';

interface Subscription {
  readonly channel: string;
  readonly handler: (payload: string) => void;
  readonly onResume: () => void;
}

const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 5_000;
const KEEP_ALIVE_MS = 30_000;

/**
 * One connection that listens on any number of channels and comes back by itself when it is lost.
 * Notifications that were sent in between are gone: `onResume` tells the subscriber to look for itself.
 */
export class ChannelListener {
  readonly #subscriptions = new Set<Subscription>();
  #client: Promise<pg.Client> | null = null;
  /** The statement that was sent last: a connection takes one at a time. */
  #sent: Promise<unknown> = Promise.resolve();
  #retry: NodeJS.Timeout | null = null;
  #keepAlive: NodeJS.Timeout | null = null;
  #retryMs = FIRST_RETRY_MS;
  #isClosed = false;

  constructor(
    private readonly url: string,
    private readonly log: Log,
  ) {}

  /**
   * Resolves once the server is listening on the channel, with a function that ends the subscription.
   * @throws AppError `database.unavailable` once closed
   */
  async subscribe(
    channel: string,
    handler: (payload: string) => void,
    onResume: () => void = () => undefined,
  ): Promise<() => Promise<void>> {
    this.#demandOpen();
    const subscription = { channel, handler, onResume };
    this.#subscriptions.add(subscription);
    try {
      const client = await (this.#client ??= this.#connect());
      this.#demandOpen();
      await this.#send(client, `LISTEN ${pg.escapeIdentifier(channel)}`);
    } catch (error) {
      this.#subscriptions.delete(subscription);
      throw error;
    }
    return async () => {
      this.#subscriptions.delete(subscription);
      if (this.#subscriptions.size === 0) await this.#disconnect();
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#subscriptions.clear();
    await this.#disconnect();
  }

  #demandOpen(): void {
    if (this.#isClosed) throw new AppError('database.unavailable', 'the connections to the database are closed');
  }

  #send(client: pg.Client, sql: string): Promise<unknown> {
    const send = (): Promise<unknown> => client.query(sql);
    return (this.#sent = this.#sent.then(send, send));
  }

  async #disconnect(): Promise<void> {
    if (this.#retry !== null) clearTimeout(this.#retry);
    if (this.#keepAlive !== null) clearInterval(this.#keepAlive);
    this.#retry = null;
    this.#keepAlive = null;
    const client = this.#client;
    this.#client = null;
    await client?.then((open) => open.end()).catch(() => undefined);
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.url, keepAlive: true, application_name: 'atlas-listen' });
    client.on('notification', (message) => {
      this.#dispatch(message.channel, message.payload ?? '');
    });
    client.on('error', () => {
      this.#lost(client);
    });
    client.on('end', () => {
      this.#lost(client);
    });
    try {
      await (this.#sent = client.connect());
      const channels = new Set([...this.#subscriptions].map((subscription) => subscription.channel));
      for (const channel of channels) await this.#send(client, `LISTEN ${pg.escapeIdentifier(channel)}`);
    } catch (error) {
      this.#client = null;
      await client.end().catch(() => undefined);
      throw error;
    }
    this.#retryMs = FIRST_RETRY_MS;
    this.#watchSilence(client);
    return client;
  }

  /** A connection that broke without a word shows only when something is sent over it. */
  #watchSilence(client: pg.Client): void {
    if (this.#keepAlive !== null) clearInterval(this.#keepAlive);
    this.#keepAlive = setInterval(() => {
      this.#send(client, 'SELECT 1').catch(() => {
        this.#lost(client);
      });
    }, KEEP_ALIVE_MS).unref();
  }

  #dispatch(channel: string, payload: string): void {
    for (const subscription of this.#subscriptions) {
      if (subscription.channel !== channel) continue;
      try {
        subscription.handler(payload);
      } catch (error) {
        this.log.error('a notification could not be handled', { channel, error });
      }
    }
  }

  readonly #lostClients = new WeakSet<pg.Client>();

  #lost(client: pg.Client): void {
    // Both `error` and `end` arrive for one loss; and an end that was asked for is none.
    if (this.#client === null || this.#lostClients.has(client)) return;
    this.#lostClients.add(client);
    this.#client = null;
    client.end().catch(() => undefined);
    if (this.#isClosed || this.#subscriptions.size === 0) return;
    this.log.warn('lost the connection that listens for changes, connecting again');
    this.#scheduleRetry();
  }

  #scheduleRetry(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      this.#retry = null;
      void this.#reconnect();
    }, this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, MAX_RETRY_MS);
  }

  async #reconnect(): Promise<void> {
    if (this.#isClosed || this.#subscriptions.size === 0) return;
    try {
      await (this.#client ??= this.#connect());
    } catch {
      this.#scheduleRetry();
      return;
    }
    this.log.info('listening for changes again');
    for (const subscription of this.#subscriptions) subscription.onResume();
  }
}
