import { isIP } from 'node:net';
import { AppError, type FieldError } from '#contracts';
import { envSchema, type Env } from './env.schema.js';
import type { Secret } from './secret.js';

/** The processes there are. `standalone` is api, sync and worker in one. */
export type AppName = 'api' | 'sync' | 'worker' | 'standalone' | 'cli' | 'agent';
export type LogLevel = Env['LOG_LEVEL'];

/** Settings of one process, read once at its start. Clusters are rows, not settings. */
export interface Config {
  readonly app: AppName;
  readonly database: {
    /** Null only for standalone (starts its own) and cli (needs none). */
    readonly url: Secret | null;
    readonly poolSize: number;
    readonly dataDir: string;
  };
  /** Null: the queue runs on the database. */
  readonly queue: { readonly redisUrl: Secret | null };
  /** `metricsPort` null: /metrics is served on `port`. */
  readonly http: { readonly host: string; readonly port: number; readonly metricsPort: number | null };
  readonly streams: {
    readonly maxOpen: number;
    readonly maxPerConnection: number;
    readonly lifetimeSeconds: number;
    readonly idleSeconds: number;
    readonly heartbeatSeconds: number;
  };
  /** `settingsPath` null: nobody has to say who they are. */
  readonly access: {
    readonly settingsPath: string | null;
    /** Null: no chat may ask. */
    readonly chatSettingsPath: string | null;
    readonly requestsPerMinute: number;
  };
  /** Null: any document is answered, not those of a list alone. */
  readonly graphql: { readonly documentsPath: string | null };
  readonly sync: {
    readonly resyncIntervalSeconds: number;
    readonly flushIntervalMs: number;
    readonly flushMaxObjects: number;
    readonly folderPollSeconds: number;
    readonly listPageSize: number;
    readonly watchTimeoutSeconds: number;
    readonly requestTimeoutSeconds: number;
    readonly concurrentLists: number;
    readonly concurrentReads: number;
    readonly leaseSeconds: number;
  };
  /** Null but for the agent. */
  readonly agent: {
    readonly hubUrl: string;
    readonly token: Secret | null;
    readonly tokenFile: string | null;
    /** Null: the cluster that it runs in. */
    readonly kubeconfig: string | null;
  } | null;
  readonly analysis: {
    readonly cacheSnapshots: number;
    /** More are kept as long as all together have no more objects than this. */
    readonly cacheObjects: number;
    /** 0: nothing is compiled before somebody asks. */
    readonly warmHours: number;
    readonly warmIntervalSeconds: number;
    readonly addressLists: string | null;
  };
  /** Each age is at least the one before it. */
  readonly retention: {
    readonly fullHours: number;
    readonly hourlyDays: number;
    readonly days: number;
    /** By kind with its group. */
    readonly kindDays: Readonly<Record<string, number>>;
    /** Kept reports are evidence: they have an age of their own. */
    readonly reportDays: number;
    readonly flowDays: number;
  };
  readonly delivery: {
    /** Without a `/` at the end; null: what is sent has no links. */
    readonly publicUrl: string | null;
    readonly allowPrivateTargets: boolean;
  };
  readonly sample: { readonly enabled: boolean };
  /** Null when none is given: kubeconfigs as text are then refused (standalone makes a key of its own). */
  readonly credentials: { readonly secretKey: Secret | null };
  readonly log: { readonly level: LogLevel; readonly format: 'json' | 'pretty' };
}

const NEEDS_DATABASE: readonly AppName[] = ['api', 'sync', 'worker'];

/** True for an address or name that only this machine can reach. */
function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1' || host === '[::1]') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}

/** Callers prove who they are, or somebody else takes care of it. */
function isGuarded(env: Env): boolean {
  return env.ATLAS_AUTH_CONFIG !== null || env.ATLAS_ALLOW_UNAUTHENTICATED === 'yes';
}

function crossChecks(env: Env, app: AppName): FieldError[] {
  const errors: FieldError[] = [];
  if (env.DATABASE_URL === null && NEEDS_DATABASE.includes(app)) {
    errors.push({
      pointer: '/DATABASE_URL',
      detail: `is required by ${app}, give \`postgresql://user:password@host/database\``,
    });
  }
  if (env.RETENTION_HOURLY_DAYS * 24 < env.RETENTION_FULL_HOURS || env.RETENTION_DAYS < env.RETENTION_HOURLY_DAYS) {
    errors.push({
      pointer: '/RETENTION_DAYS',
      detail: 'must not be less than RETENTION_HOURLY_DAYS, nor that less than RETENTION_FULL_HOURS',
    });
  }
  if (app !== 'cli' && !isLoopback(env.HTTP_HOST) && !isGuarded(env)) {
    errors.push({
      pointer: '/HTTP_HOST',
      detail: `\`${env.HTTP_HOST}\` can be reached from other machines and no authentication is configured, use \`127.0.0.1\`, set ATLAS_AUTH_CONFIG, or ATLAS_ALLOW_UNAUTHENTICATED=yes`,
    });
  }
  return app === 'agent' ? [...errors, ...agentChecks(env)] : errors;
}

function toAgent(env: Env): Config['agent'] {
  return {
    hubUrl: (env.AGENT_HUB_URL?.reveal() ?? '').replace(/\/+$/, ''),
    token: env.AGENT_TOKEN,
    tokenFile: env.AGENT_TOKEN_FILE,
    kubeconfig: env.AGENT_KUBECONFIG,
  };
}

function agentChecks(env: Env): FieldError[] {
  const errors: FieldError[] = [];
  const hub = env.AGENT_HUB_URL === null ? null : new URL(env.AGENT_HUB_URL.reveal());
  if (hub === null) {
    errors.push({
      pointer: '/AGENT_HUB_URL',
      detail: 'is required by agent, give the URL of the API as `https://atlas.example.com`',
    });
  } else if (hub.protocol === 'http:' && !isLoopback(hub.hostname)) {
    errors.push({
      pointer: '/AGENT_HUB_URL',
      detail: 'is plain http, which would show the token and the cluster to the network, use https',
    });
  }
  if ((env.AGENT_TOKEN === null) === (env.AGENT_TOKEN_FILE === null)) {
    errors.push({ pointer: '/AGENT_TOKEN', detail: 'or AGENT_TOKEN_FILE is required by agent, set one of the two' });
  }
  return errors;
}

function toConfig(env: Env, app: AppName): Config {
  return {
    app,
    database: { url: env.DATABASE_URL, poolSize: env.DATABASE_POOL_SIZE, dataDir: env.DATA_DIR },
    queue: { redisUrl: env.REDIS_URL },
    http: { host: env.HTTP_HOST, port: env.HTTP_PORT, metricsPort: env.METRICS_PORT },
    streams: {
      maxOpen: env.STREAM_MAX_OPEN,
      maxPerConnection: env.STREAM_MAX_PER_CONNECTION,
      lifetimeSeconds: env.STREAM_LIFETIME_SECONDS,
      idleSeconds: env.STREAM_IDLE_SECONDS,
      heartbeatSeconds: env.STREAM_HEARTBEAT_SECONDS,
    },
    access: {
      settingsPath: env.ATLAS_AUTH_CONFIG,
      chatSettingsPath: env.ATLAS_CHAT_CONFIG,
      requestsPerMinute: env.RATE_LIMIT_PER_MINUTE,
    },
    graphql: { documentsPath: env.GRAPHQL_DOCUMENTS },
    sync: {
      resyncIntervalSeconds: env.SYNC_RESYNC_INTERVAL_SECONDS,
      flushIntervalMs: env.SYNC_FLUSH_INTERVAL_MS,
      flushMaxObjects: env.SYNC_FLUSH_MAX_OBJECTS,
      folderPollSeconds: env.SYNC_FOLDER_POLL_SECONDS,
      listPageSize: env.SYNC_LIST_PAGE_SIZE,
      watchTimeoutSeconds: env.SYNC_WATCH_TIMEOUT_SECONDS,
      requestTimeoutSeconds: env.SYNC_REQUEST_TIMEOUT_SECONDS,
      concurrentLists: env.SYNC_CONCURRENT_LISTS,
      concurrentReads: env.SYNC_CONCURRENT_READS,
      leaseSeconds: env.SYNC_LEASE_SECONDS,
    },
    agent: app === 'agent' ? toAgent(env) : null,
    analysis: {
      cacheSnapshots: env.ANALYSIS_CACHE_SNAPSHOTS,
      cacheObjects: env.ANALYSIS_CACHE_OBJECTS,
      warmHours: env.ANALYSIS_WARM_HOURS,
      warmIntervalSeconds: env.ANALYSIS_WARM_INTERVAL_SECONDS,
      addressLists: env.ANALYSIS_ADDRESS_LISTS,
    },
    retention: {
      fullHours: env.RETENTION_FULL_HOURS,
      hourlyDays: env.RETENTION_HOURLY_DAYS,
      days: env.RETENTION_DAYS,
      kindDays: env.RETENTION_KIND_DAYS,
      reportDays: env.REPORT_RETENTION_DAYS,
      flowDays: env.FLOW_RETENTION_DAYS,
    },
    delivery: {
      publicUrl: env.ATLAS_PUBLIC_URL?.reveal().replace(/\/+$/, '') ?? null,
      allowPrivateTargets: env.ATLAS_PRIVATE_TARGETS === 'yes',
    },
    sample: { enabled: env.ATLAS_SAMPLE === 'on' },
    credentials: { secretKey: env.ATLAS_SECRET_KEY },
    log: { level: env.LOG_LEVEL, format: env.LOG_FORMAT },
  };
}

function startupError(errors: readonly FieldError[]): AppError {
  const lines = errors.map((error) => `${error.pointer.slice(1)} ${error.detail}`);
  return new AppError('startup.failed', `the environment is not valid: ${lines.join('; ')}`, { errors });
}

/**
 * Settings of `app` from the variables in `env`. Pure.
 * Throws `AppError('startup.failed')` that names every wrong variable at once; values are not repeated.
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>>, app: AppName): Config {
  const result = envSchema.safeParse(env);
  if (!result.success) {
    throw startupError(
      result.error.issues.map((issue) => ({ pointer: `/${issue.path.map(String).join('/')}`, detail: issue.message })),
    );
  }
  const errors = crossChecks(result.data, app);
  if (errors.length > 0) throw startupError(errors);
  return toConfig(result.data, app);
}
