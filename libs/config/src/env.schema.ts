import { z } from 'zod';
import { Secret } from './secret.js';

/** Variables that are set to nothing count as not set. */
const blank = (value: unknown): unknown => (typeof value === 'string' && value.trim() === '' ? undefined : value);

const number = (fallback: number, min: number, max: number) =>
  z.preprocess(
    blank,
    z
      .string()
      .default(String(fallback))
      .transform((text, context): number => {
        const value = Number(text);
        if (Number.isInteger(value) && value >= min && value <= max) return value;
        context.addIssue({ code: 'custom', message: `must be a whole number from ${String(min)} to ${String(max)}` });
        return z.NEVER;
      }),
  );

const choice = <const T extends readonly [string, ...string[]]>(values: T, fallback: T[number]) =>
  z.preprocess(
    blank,
    z
      .enum(values, { error: `must be one of ${values.map((value) => `\`${value}\``).join(', ')}` })
      .default(fallback as never),
  );

const url = (schemes: readonly string[]) =>
  z.preprocess(
    blank,
    z
      .string()
      .optional()
      .transform((text, context): Secret | null => {
        if (text === undefined) return null;
        if (URL.canParse(text) && schemes.includes(new URL(text).protocol)) return new Secret(text);
        context.addIssue({ code: 'custom', message: `must be a URL that starts with ${schemes.join('// or ')}//` });
        return z.NEVER;
      }),
  );

/** As `Pod=7,EndpointSlice.discovery.k8s.io=2`. */
const daysByKind = z.preprocess(
  blank,
  z
    .string()
    .default('')
    .transform((text, context): Readonly<Record<string, number>> => {
      const entries = text.split(',').filter((entry) => entry.trim() !== '');
      const read = entries.map((entry) => /^\s*([A-Za-z][\w.-]*)=(\d{1,4})\s*$/.exec(entry));
      if (read.every((match) => match !== null && Number(match[2]) > 0)) {
        return Object.fromEntries(read.map((match) => [match?.[1] ?? '', Number(match?.[2])]));
      }
      context.addIssue({
        code: 'custom',
        message: 'must be kinds with days, as `Pod=7,EndpointSlice.discovery.k8s.io=2`',
      });
      return z.NEVER;
    }),
);

const textOrNull = z.preprocess(blank, z.string().optional()).transform((text) => text ?? null);

const secretKey = z.preprocess(
  blank,
  z
    .string()
    .optional()
    .transform((text, context): Secret | null => {
      if (text === undefined) return null;
      if (decodeKey(text) !== null) return new Secret(text);
      context.addIssue({
        code: 'custom',
        message: 'must be 32 bytes as hex or base64, as `openssl rand -hex 32` makes',
      });
      return z.NEVER;
    }),
);

/** The 32 bytes of a key given as hex or base64 (either alphabet); null when it is neither. */
export function decodeKey(text: string): Uint8Array | null {
  const trimmed = text.trim();
  if (/^[0-9a-f]{64}$/i.test(trimmed)) return Buffer.from(trimmed, 'hex');
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed)) return null;
  const bytes = Buffer.from(trimmed, 'base64');
  return bytes.length === 32 ? bytes : null;
}

/** Every variable the product reads, each with its default. Units are in the names. */
export const envSchema = z.object({
  DATABASE_URL: url(['postgres:', 'postgresql:']).describe('Postgres to use; standalone starts its own when unset'),
  DATABASE_POOL_SIZE: number(10, 2, 200).describe('connections a process keeps to Postgres'),
  DATA_DIR: z
    .preprocess(blank, z.string().default('.data'))
    .describe('folder of the embedded Postgres and of the generated key'),
  REDIS_URL: url(['redis:', 'rediss:']).describe('Redis for the job queue; Postgres carries it when unset'),
  HTTP_HOST: z.preprocess(blank, z.string().default('127.0.0.1')).describe('address to listen on'),
  HTTP_PORT: number(8080, 0, 65535).describe('port to listen on, 0 for any free one'),
  METRICS_PORT: z
    .preprocess(blank, z.string().optional())
    .transform((text, context): number | null => {
      if (text === undefined) return null;
      const port = Number(text);
      if (Number.isInteger(port) && port >= 0 && port <= 65535) return port;
      context.addIssue({ code: 'custom', message: 'must be a whole number from 0 to 65535' });
      return z.NEVER;
    })
    .describe('port of /metrics alone; it is on HTTP_PORT when unset'),
  ATLAS_ALLOW_UNAUTHENTICATED: choice(['no', 'yes'], 'no').describe(
    'yes lets everyone who reaches HTTP_HOST ask; needed for an address that is not loopback',
  ),
  STREAM_MAX_OPEN: number(1000, 1, 100_000).describe('event streams and subscription connections of one process'),
  STREAM_MAX_PER_CONNECTION: number(20, 1, 1000).describe('active subscriptions of one WebSocket connection'),
  STREAM_LIFETIME_SECONDS: number(3600, 1, 86_400).describe(
    'longest life of a stream; clients come back by themselves',
  ),
  STREAM_IDLE_SECONDS: number(60, 1, 3600).describe('time after which a connection without subscriptions is closed'),
  STREAM_HEARTBEAT_SECONDS: number(15, 1, 300).describe('time between signs of life on a stream without events'),
  ATLAS_AUTH_CONFIG: z
    .preprocess(blank, z.string().optional())
    .transform((path): string | null => path ?? null)
    .describe('JSON file that says who may ask; nobody has to say who they are when unset'),
  ATLAS_CHAT_CONFIG: textOrNull.describe('JSON file that says which chats may ask, and what their users may see'),
  GRAPHQL_DOCUMENTS: textOrNull.describe(
    'JSON file with the only GraphQL documents that are answered; all are when unset',
  ),
  RATE_LIMIT_PER_MINUTE: number(600, 1, 1_000_000).describe('requests that one caller may send in a minute'),
  SYNC_RESYNC_INTERVAL_SECONDS: number(3600, 10, 604_800).describe('time between full lists of a live cluster'),
  SYNC_FLUSH_INTERVAL_MS: number(500, 10, 60_000).describe('longest time that a change waits to be stored'),
  SYNC_FLUSH_MAX_OBJECTS: number(5000, 1, 1_000_000).describe('changes that are stored at once without waiting'),
  SYNC_FOLDER_POLL_SECONDS: number(5, 1, 86_400).describe('time between looks at a folder of manifests'),
  SYNC_LIST_PAGE_SIZE: number(500, 1, 10_000).describe('objects asked of a kube-apiserver at once'),
  SYNC_WATCH_TIMEOUT_SECONDS: number(300, 5, 3600).describe('length of one watch before it is opened again'),
  SYNC_REQUEST_TIMEOUT_SECONDS: number(30, 1, 600).describe('longest wait for an answer of a kube-apiserver'),
  SYNC_CONCURRENT_LISTS: number(6, 1, 100).describe('lists that run at once against one kube-apiserver'),
  SYNC_CONCURRENT_READS: number(8, 1, 1000).describe('clusters that a process reads from the start at once'),
  SYNC_LEASE_SECONDS: number(15, 1, 300).describe(
    'time after which the clusters of a dead sync process are taken over',
  ),
  AGENT_HUB_URL: url(['https:', 'http:']).describe('the API that an agent sends to'),
  AGENT_TOKEN: textOrNull
    .refine((text) => text === null || /^[\x21-\x7e]+$/.test(text.trim()), 'must be the token as the API issued it')
    .transform((text) => (text === null ? null : new Secret(text.trim())))
    .describe('token of the agent, as the API issued it'),
  AGENT_TOKEN_FILE: textOrNull.describe('file that holds the token, read again for every request'),
  AGENT_KUBECONFIG: textOrNull.describe('kubeconfig of the cluster to read; the one the agent runs in when unset'),
  ANALYSIS_CACHE_SNAPSHOTS: number(8, 1, 1000).describe('compiled snapshots that a process keeps'),
  ANALYSIS_CACHE_OBJECTS: number(200_000, 0, 100_000_000).describe(
    'objects up to which a process keeps more compiled snapshots than that',
  ),
  ANALYSIS_WARM_HOURS: number(12, 0, 8760).describe(
    'time after a question for which new snapshots of its cluster are compiled before somebody asks; 0 for never',
  ),
  ANALYSIS_WARM_INTERVAL_SECONDS: number(10, 1, 86_400).describe(
    'least time between two such snapshots of one cluster',
  ),
  ANALYSIS_ADDRESS_LISTS: textOrNull.describe('folder with the lists of blocks that cloud providers publish'),
  RETENTION_FULL_HOURS: number(24, 1, 87_600).describe('age until which every snapshot is kept'),
  RETENTION_HOURLY_DAYS: number(7, 1, 3650).describe('age until which the last snapshot of each hour is kept'),
  RETENTION_DAYS: number(30, 1, 3650).describe('age until which the last snapshot of each day is kept'),
  RETENTION_KIND_DAYS: daysByKind.describe(
    'days after which the past of these kinds goes, whatever snapshots are kept',
  ),
  REPORT_RETENTION_DAYS: number(400, 1, 36_500).describe('age until which a kept report stays'),
  FLOW_RETENTION_DAYS: number(30, 1, 3650).describe('days after which a kept flow that was not seen again goes'),
  ATLAS_PUBLIC_URL: url(['https:', 'http:']).describe('address of this service in what it sends; no links when unset'),
  ATLAS_PRIVATE_TARGETS: choice(['no', 'yes'], 'no').describe(
    'yes lets channels lead to addresses that are not on the internet, and to plain HTTP',
  ),
  ATLAS_SAMPLE: choice(['on', 'off'], 'on').describe('off leaves the sample clusters out of an empty database'),
  ATLAS_SECRET_KEY: secretKey.describe('32 bytes, hex or base64, that seal kubeconfigs given as text'),
  LOG_LEVEL: choice(['fatal', 'error', 'warn', 'info', 'debug', 'trace'], 'info').describe(
    'least level that is logged',
  ),
  LOG_FORMAT: choice(['json', 'pretty'], 'json').describe('how a log line looks'),
});

export type Env = z.output<typeof envSchema>;
