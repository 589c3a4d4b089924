// npm run -s bench:api -- [--json FILE] [--namespaces 5000] [--seconds 5] [--only PART[,PART]] [--list]
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Database } from '#store';
import { askInTurns, type Asked, type Load } from './api/ask-load.js';
import { served } from './api/served.js';
import { BenchReport, percentile } from './bench-row.js';

const { values } = parseArgs({
  options: {
    json: { type: 'string' },
    namespaces: { type: 'string', default: '5000' },
    seconds: { type: 'string', default: '5' },
    only: { type: 'string' },
    list: { type: 'boolean', default: false },
  },
});
const SECONDS = Number(values.seconds);
/** Questions before a route is measured. By number, as a busy machine gets few done in a second. */
const WARM_UP = 2_000;
/** Rows that sync stores while questions are asked. */
const INGEST_PER_SECOND = 10_000;
/** Longer than the compiling of one cluster in the background takes. */
const SETTLED_MS = 5_000;
/** Rows of a list are read for so long. */
const LIST_MS = 3_000;
const REST = '/api/v1/reachability';
const QUERY = `query Q($input: CanReachInput!) { canReach(input: $input) { __typename ... on Reachability { verdict reason } } }`;
/** As the image runs the api. */
const V8_FLAGS = ['--max-semi-space-size=32'];

/** What is asked about. */
interface Seeded {
  readonly pods: number;
  readonly names: readonly string[];
  /** Snapshots of the cluster `listed`. */
  readonly states: number;
  readonly databaseUrl: string;
}

interface ApiUnderLoad extends Seeded {
  readonly url: string;
  readonly emptyUrl: string;
}

const report = new BenchReport();
let asked = 0;

/** One part of the run: adds its rows. */
type Part = (bench: Bench) => Promise<void>;

const PARTS: Readonly<Record<string, Part>> = {
  empty: async ({ api, fixture }) => {
    const next = repeated(api);
    const [empty, long] = await warmed([emptyRoute(api), { origin: api.emptyUrl, path: '/long', next }], 1);
    for (const [what, { p50, p99 }] of [
      ['empty route', empty],
      ['an empty route that sends as much as an answer', long],
    ] as const) {
      report.add(`${what} p50`, fixture, p50, 'ms');
      report.add(`${what} p99`, fixture, p99, 'ms');
    }
  },
  distinct: (bench) => restRows(bench, 'distinct questions', distinct(bench.api)),
  verdict: (bench) => restRows(bench, 'distinct questions, verdict only,', distinct(bench.api), `${REST}/verdict`),
  repeated: (bench) => restRows(bench, 'a repeated question', repeated(bench.api)),
  graphql: async ({ api, fixture }) => {
    const [empty, { p50 }] = await warmed([emptyRoute(api), graphql(api, distinct(api))], 1);
    report.add('distinct questions over GraphQL p50', fixture, p50, 'ms', { reference: emptyReference(empty.p50) });
  },
  'graphql-wide': (bench) => graphqlWideRows(bench),
  sync: (bench) => syncRows(bench),
  list: (bench) => listRows(bench),
  drift: (bench) => driftRows(bench),
};
const wanted = values.only?.split(',') ?? Object.keys(PARTS);
if (values.list || wanted.some((name) => PARTS[name] === undefined)) {
  process.stdout.write(`--only takes ${Object.keys(PARTS).join(', ')}\n`);
  process.exit(values.list ? 0 : 2);
}

/** What the parts share. */
interface Bench {
  readonly api: ApiUnderLoad;
  readonly fixture: string;
}

function question({ names }: ApiUnderLoad, index: number): object {
  const { length } = names;
  const [from, to] = [names[index % length], names[Math.floor(index / length + index * 7) % length]];
  return { cluster: 'bench', from, to, port: 8080 };
}

function distinct(api: ApiUnderLoad): () => object {
  return () => question(api, (asked += 1));
}

function repeated(api: ApiUnderLoad): () => object {
  return () => question(api, 0);
}

function graphql({ url }: ApiUnderLoad, next: () => object): Asked {
  return { origin: url, path: '/graphql', next: () => ({ query: QUERY, variables: { input: next() } }) };
}

/** Measurements of code that was met before, beside each other. */
async function warmed<const T extends readonly Asked[]>(
  subjects: T,
  connections: number,
): Promise<{ readonly [K in keyof T]: Load }> {
  for (const subject of subjects) {
    for (let done = 0; done < WARM_UP;) done += (await askInTurns([subject], 1, 1))[0].perSecond;
  }
  return askInTurns(subjects, connections, SECONDS);
}

function emptyRoute(api: ApiUnderLoad): Asked {
  return { origin: api.emptyUrl, path: '/empty', next: repeated(api) };
}

function emptyReference(value: number): { name: string; value: number } {
  return { name: 'empty Fastify route', value };
}

async function restRows({ api, fixture }: Bench, what: string, next: () => object, path = REST): Promise<void> {
  const [empty, { p50, p99 }] = await warmed([emptyRoute(api), { origin: api.url, path, next }], 1);
  report.add(`${what} over REST p50`, fixture, p50, 'ms', {
    reference: emptyReference(empty.p50),
    atMost: empty.p50 * 1.3,
  });
  report.add(`${what} over REST p99`, fixture, p99, 'ms', {
    reference: emptyReference(empty.p99),
    atMost: empty.p99 * 1.5,
  });
}

async function graphqlWideRows({ api, fixture }: Bench): Promise<void> {
  const peer = await served(['test/bench/api/apollo-express.mjs'], (line) => line);
  const empty = { ...graphql(api, distinct(api)), origin: peer.said };
  const [express, same, wide] = await warmed([empty, graphql(api, repeated(api)), graphql(api, distinct(api))], 16);
  await peer.end();
  report.add('distinct questions over GraphQL p99, 16 connections', fixture, wide.p99, 'ms', { atMost: 10 });
  const apollo = { name: 'Apollo on Express, empty resolver', value: express.perSecond };
  report.add('Apollo on Express, 16 connections', fixture, express.perSecond, '/s');
  for (const [what, { perSecond }] of [
    ['distinct questions', wide],
    ['a repeated question', same],
  ] as const) {
    report.rate(`${what} over GraphQL, 16 connections`, fixture, perSecond, '/s', express.perSecond * 3, apollo);
  }
}

async function syncRows({ api, fixture }: Bench): Promise<void> {
  const subjects = [graphql(api, distinct(api)), graphql(api, repeated(api))] as const;
  const ingest = await served(
    ['scripts/run.mjs', 'test/bench/api/ingest-load.ts', api.databaseUrl, String(INGEST_PER_SECOND * 1.1)],
    (line) => (line === 'storing' ? line : null),
  );
  try {
    await warmed(subjects, 16);
    // The first batches meet code that is not compiled yet.
    while (Number(await ingest.ask('rows')) === 0) await sleep(500);
    for (const [what, subject] of [
      ['distinct questions', subjects[0]],
      ['a repeated question', subjects[1]],
    ] as const) {
      await ingest.ask('rows');
      const begun = performance.now();
      const [busy] = await askInTurns([subject], 16, SECONDS);
      const rows = Number(await ingest.ask('rows')) / ((performance.now() - begun) / 1_000);
      report.add(`${what} over GraphQL while sync stores, p99`, fixture, busy.p99, 'ms', { atMost: 10 });
      report.add('  questions meanwhile', fixture, busy.perSecond, '/s');
      report.add('  rows stored meanwhile', fixture, rows, '/s', { atLeast: INGEST_PER_SECOND });
    }
  } finally {
    await ingest.end();
  }
}

/**
 * In processes of their own: two while nobody has asked about the cluster, at once and when it was compiled ahead, and one that
 * starts once it was asked about.
 */
async function listRows({ api }: Bench): Promise<void> {
  const lists = async (of: ApiUnderLoad, rows: readonly (readonly [string, string])[]): Promise<void> => {
    for (const [what, format] of rows) {
      const { firstMs, holdMs } = await listed(of, format);
      report.add(`all connections, ${what}: first row`, '10000 pods', firstMs, 'ms', { atMost: 100 });
      report.add(`all connections, ${what}: longest hold of the loop`, '10000 pods', holdMs, 'ms', { atMost: 50 });
    }
  };
  await whileServed(api, async (ahead) => {
    while ((await compiledIn(ahead)) === 0) await sleep(10);
    await settled(ahead);
    await lists(ahead, [['never asked about', 'ndjson']]);
  });
  await nothingWasAsked(api);
  await whileServed(api, (first) => lists(first, [['never asked about, right after the start', 'ndjson']]));
  await whileServed(api, async (next) => {
    await longestHold(next);
    const begun = performance.now();
    while ((await compiledIn(next)) === 0) await sleep(10);
    report.add('a cluster asked about before: ready after the start', '10000 pods', performance.now() - begun, 'ms');
    report.add('  longest hold of the loop meanwhile', '10000 pods', await longestHold(next), 'ms');
    await settled(next);
    await lists(next, [
      ['asked about before the start', 'ndjson'],
      ['as NDJSON', 'ndjson'],
      ['as CSV', 'csv'],
    ]);
  });
}

/** As if no process had noted yet what was asked about. */
async function nothingWasAsked({ databaseUrl }: Seeded): Promise<void> {
  const database = new Database({ url: databaseUrl });
  await database.query('DELETE FROM cluster_asked');
  await database.close();
}

async function compiledIn({ emptyUrl }: ApiUnderLoad): Promise<number> {
  return ((await (await fetch(`${emptyUrl}/compiled`)).json()) as { readonly count: number }).count;
}

/** Waits until nothing more has been compiled for a while: other clusters were asked about, too. */
async function settled(api: ApiUnderLoad): Promise<void> {
  for (let [before, now] = [-1, await compiledIn(api)]; before !== now; [before, now] = [now, await compiledIn(api)])
    await sleep(SETTLED_MS);
}

async function driftRows({ api }: Bench): Promise<void> {
  await settled(api);
  const drift = await drifted(api);
  report.add('drift of two snapshots, in service', '10000 pods', drift.ms, 'ms', { atMost: 250 });
  report.add('  entries of it', '10000 pods', drift.entries, 'entries');
  report.add('  longest hold of the loop', '10000 pods', drift.holdMs, 'ms');
}

/** The longest that the server held its loop since this was asked before. */
async function longestHold({ emptyUrl }: ApiUnderLoad): Promise<number> {
  return ((await (await fetch(`${emptyUrl}/hold`)).json()) as { readonly ms: number }).ms;
}

/** Compares each state with the one before, both compiled: the middle one of the times, and the longest hold of the loop. */
async function drifted(api: ApiUnderLoad): Promise<{ ms: number; holdMs: number; entries: number }> {
  const get = async (path: string): Promise<string> => {
    const reply = await fetch(`${api.url}/api/v1/${path}`);
    if (reply.status !== 200) throw new Error(`${path} answered ${String(reply.status)}`);
    return reply.text();
  };
  const times: number[] = [];
  let entries = 0;
  let holdMs = 0;
  for (let state = 2; state <= api.states; state++) {
    for (const at of [state - 1, state])
      await get(`reachability?cluster=listed&from=labels:a/app%3Db&to=labels:a/app%3Dc&at=${String(at)}`);
    await longestHold(api);
    const begun = performance.now();
    const text = await get(`drift?cluster=listed&before=${String(state - 1)}&after=${String(state)}&limit=100`);
    times.push(performance.now() - begun);
    holdMs = Math.max(holdMs, await longestHold(api));
    const { summary } = JSON.parse(text) as { readonly summary: { readonly entries: number } };
    ({ entries } = summary);
  }
  return { ms: percentile(times, 0.5), holdMs, entries };
}

/** Reads a list of all connections, for a while: when its first row came, and the longest hold of the server's loop meanwhile. */
async function listed(api: ApiUnderLoad, format: string): Promise<{ firstMs: number; holdMs: number }> {
  await longestHold(api);
  const begun = performance.now();
  const { status, body } = await fetch(`${api.url}/api/v1/clusters/listed/connections?by=pod&format=${format}`);
  if (status !== 200 || body === null) throw new Error(`the list answered ${String(status)}`);
  let firstMs: number | null = null;
  let lines = 0;
  const head = format === 'csv' ? 1 : 0;
  for await (const bytes of body) {
    lines += Buffer.from(bytes).toString().split('\n').length - 1;
    if (lines > head) firstMs ??= performance.now() - begun;
    if (performance.now() - begun > LIST_MS) break;
  }
  if (firstMs === null) throw new Error('the list has no row');
  return { firstMs, holdMs: await longestHold(api) };
}

const asJson = (line: string): object | null => (line.startsWith('{') ? (JSON.parse(line) as object) : null);

/** Serves the database from a process of its own meanwhile. */
async function whileServed(seeded: Seeded, work: (api: ApiUnderLoad) => Promise<void>): Promise<void> {
  const args = ['scripts/run.mjs', 'test/bench/api/bench-server.ts', seeded.databaseUrl];
  const api = await served([...V8_FLAGS, ...args], asJson);
  try {
    await work({ ...seeded, ...api.said } as ApiUnderLoad);
  } finally {
    await api.end();
  }
}

const seed = await served(['scripts/run.mjs', 'test/bench/api/bench-seed.ts', values.namespaces], asJson);
try {
  const seeded = seed.said as Seeded;
  await whileServed(seeded, async (api) => {
    const bench = { api, fixture: `${String(seeded.pods)} pods` };
    for (const name of wanted) await PARTS[name]?.(bench);
  });
} finally {
  await seed.end();
}
report.write(values.json ?? null);
