import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApi } from '../../../apps/api/src/start-api.js';
import { systemAccess } from '#access';
import { loadConfig, type Config } from '#config';
import { normaliseObject, type Fact } from '#engine';
import { ClusterRepository, SnapshotRepository, type ClusterRecord, type FactBatch } from '#store';
import { createLog, type Log } from '#telemetry';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

/** An api may answer by what it read a moment ago, until it hears of the change: that age is waited for. */
const HEARD_MS = 30;
const SYSTEM = (): ReturnType<typeof systemAccess> => systemAccess('test');

/** The answer to a request, read to its end. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The text as JSON; null when it is not. */
  readonly json: unknown;
}

/** The api role on a database of its own, listening on a free port. */
export interface ApiUnderTest {
  readonly app: NestFastifyApplication;
  readonly config: Config;
  readonly url: string;
  readonly clusters: ClusterRepository;
  readonly snapshots: SnapshotRepository;
  readonly database: TestDatabase;
  /** Log lines, parsed. */
  readonly lines: Record<string, unknown>[];
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
  graphql(query: string, variables?: Record<string, unknown>): Promise<Reply>;
  /** A cluster of source `upload` with these objects in snapshot 1. */
  seed(name: string, objects: readonly unknown[]): Promise<ClusterRecord>;
  close(): Promise<void>;
}

export async function startApiUnderTest(env: Record<string, string> = {}): Promise<ApiUnderTest> {
  const database = await createTestDatabase();
  const config = loadConfig(
    { DATABASE_URL: database.url, HTTP_PORT: '0', ATLAS_SECRET_KEY: randomBytes(32).toString('hex'), ...env },
    'api',
  );
  const lines: Record<string, unknown>[] = [];
  const app = await createApi(config, recordingLog(lines));
  const close = async (): Promise<void> => {
    await app.close();
    await database.drop();
  };
  try {
    await app.listen({ host: config.http.host, port: 0 });
  } catch (error) {
    await close();
    throw error;
  }
  const url = await app.getUrl();
  const clusters = new ClusterRepository(database.database, config.credentials.secretKey, SYSTEM);
  const snapshots = new SnapshotRepository(database.database);
  const request: ApiUnderTest['request'] = (method, path, body, headers = {}) => send(url, method, path, body, headers);
  return {
    app,
    config,
    url,
    clusters,
    snapshots,
    database,
    lines,
    request,
    graphql: (query, variables = {}) => request('POST', '/graphql', { query, variables }),
    seed: async (name, objects) => {
      const cluster = await clusters.create({ name, source: { type: 'upload' } });
      await persist(snapshots, cluster.id, objects);
      return clusters.update(cluster.id, { state: 'synced', lastSyncedAt: new Date() });
    },
    close,
  };
}

/** Stores objects as the whole content of a new snapshot. */
export async function persist(
  snapshots: SnapshotRepository,
  clusterId: string,
  objects: readonly unknown[],
  completeness: Record<string, { complete: boolean; reason?: string }> = {},
  more: Partial<FactBatch> = {},
): Promise<number> {
  const batch = { upserts: factsOf(objects), deletes: [], replace: [], completeness, takenAt: new Date(), ...more };
  const { seq } = await snapshots.persist(clusterId, batch);
  await sleep(HEARD_MS);
  return seq;
}

export function factsOf(objects: readonly unknown[]): Fact[] {
  return objects.map((raw) => normaliseObject(raw).fact).filter((fact): fact is Fact => fact !== null);
}

async function send(
  base: string,
  method: string,
  path: string,
  body: unknown,
  headers: Record<string, string>,
): Promise<Reply> {
  const isPlain = typeof body === 'string' || body instanceof Uint8Array || body === undefined;
  const response = await fetch(base + path, {
    method,
    headers: { ...(isPlain ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: isPlain ? (body as string) : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parseJson(text) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function recordingLog(lines: Record<string, unknown>[]): Log {
  const destination = {
    write: (line: string): void => {
      lines.push(JSON.parse(line) as Record<string, unknown>);
    },
  };
  return createLog({ level: 'info', format: 'json', app: 'api', destination });
}
