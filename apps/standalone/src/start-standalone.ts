import type { NestFastifyApplication } from '@nestjs/platform-fastify';

import { runAsSystem } from '#access';
import { Clusters } from '#analysis';
import { Secret, type Config } from '#config';
import { applyMigrations, ensureSecretKeyFile, startEmbeddedPostgres } from '#store';
import { Metrics, type Log } from '#telemetry';

import { createHttpApplication } from '../../api/src/http/create-http-application.js';
import type { CleanupStack } from './cleanup-stack.js';
import { listenError, probePort } from './probe-port.js';
import { addSample } from './sample-inventory.js';
import { StandaloneModule } from './standalone.module.js';
import type { WelcomeFacts } from './welcome.js';

export interface StartContext {
  readonly log: Log;
  /** Takes what must be stopped, in the order in which it was started. */
  readonly cleanup: CleanupStack;
  /** Aborted when the start is no longer wanted. */
  readonly signal: AbortSignal;
  /** Hears of the end of something that the service cannot live without. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Starts database, migrations and all roles, in this order, and gives what to tell about them.
 * @throws AppError `startup.failed` and others when something does not start; what has been started is in `cleanup`
 */
export async function startStandalone(given: Config, context: StartContext): Promise<Omit<WelcomeFacts, 'seconds'>> {
  const { log, cleanup, signal } = context;
  // Before the database: a port in use is the most likely trouble, and the cheapest to find.
  await probePort(given.http.host, given.http.port);
  const config = await completed(given, context);
  signal.throwIfAborted();
  await applyMigrations(urlOf(config), log);
  signal.throwIfAborted();

  const metrics = new Metrics({ processMetrics: true });
  const root = StandaloneModule.forRoot(config, log, metrics);
  const app = await createHttpApplication(root, { log, metrics, handleSignals: false });
  cleanup.push('application', () => app.close());
  signal.throwIfAborted();
  const url = await listen(app, config);
  signal.throwIfAborted();

  const clusters = app.get(Clusters, { strict: false });
  const sample = (): ReturnType<typeof addSample> => runAsSystem('start', () => addSample(clusters));
  const added = config.sample.enabled ? await unlessAborted(signal, sample()) : [];
  const { items } = await runAsSystem('start', () => clusters.list({ limit: 100 }));
  return { url, clusters: items, sampleAdded: added.length > 0 };
}

/** The configuration with a database and a key, which the standalone service brings itself when none are given. */
async function completed(config: Config, { log, cleanup, onFailure }: StartContext): Promise<Config> {
  const secretKey = config.credentials.secretKey ?? (await ensureSecretKeyFile(config.database.dataDir));
  const credentials = { ...config.credentials, secretKey };
  if (config.database.url !== null) return { ...config, credentials };
  const postgres = await startEmbeddedPostgres({ dataDir: config.database.dataDir, log });
  cleanup.push('database', () => postgres.stop());
  postgres.failed.catch(onFailure);
  return { ...config, credentials, database: { ...config.database, url: postgres.url } };
}

/** Waiting for a cluster to be read is no reason to stop late. */
async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const ended = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(new Error('stopped'));
    });
  });
  work.catch(() => undefined);
  return Promise.race([work, ended]);
}

function urlOf(config: Config): Secret {
  return config.database.url ?? new Secret('');
}

async function listen(app: NestFastifyApplication, { http }: Config): Promise<string> {
  try {
    await app.listen(http.port, http.host);
  } catch (error) {
    throw listenError(http.host, http.port, error as NodeJS.ErrnoException);
  }
  const url = await app.getUrl();
  return url.replace('[::1]', 'localhost').replace(/\/$/, '');
}
