// npm run -s bench:api -- [--json FILE] [--namespaces 5000] [--seconds 5]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { Pool } from 'undici';
import { BenchReport, percentile } from './bench-row.js';

const { values } = parseArgs({
  options: {
    json: { type: 'string' },
    namespaces: { type: 'string', default: '5000' },
    seconds: { type: 'string', default: '5' },
  },
});
const SECONDS = Number(values.seconds);
/** Questions before a route is measured. By number, as a busy machine gets few done in a second. */
const WARM_UP = 2_000;
/** Rows that sync stores while questions are asked. */
const INGEST_PER_SECOND = 10_000;
/** Rows of a list are read for so long. */
const LIST_MS = 3_000;
const ROOT = join(import.meta.dirname, '..', '..');
const REST = '/api/v1/reachability';
const QUERY = `query Q($input: CanReachInput!) { canReach(input: $input) { __typename ... on Reachability { verdict reason } } }`;

interface ApiUnderLoad {
  readonly url: string;
  readonly emptyUrl: string;
  readonly pods: number;
  readonly names: readonly string[];
  /** Snapshots of the cluster `listed`. */
  readonly states: number;
  readonly databaseUrl: string;
}

interface Served<T> {
  readonly said: T;
  /** Sends a line, and gives the next one that comes back. */
  ask(line: string): Promise<string>;
  end(): Promise<void>;
}

interface Load {
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
}

/** Sends one request after the other on each of `connections`, and gives how long they took. `next` makes bodies. */
async function load(
  origin: string,
  path: string,
  next: () => string,
  connections: number,
  seconds: number,
): Promise<Load> {
  const pool = new Pool(origin, { connections, pipelining: 1 });
  const times: number[] = [];
  const end = performance.now() + seconds * 1_000;
  const client = async (): Promise<void> => {
    while (performance.now() < end) {
      const begun = performance.now();
      const { statusCode, body: answer } = await pool.request({
        path,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: next(),
      });
      const said = await answer.text();
      if (statusCode !== 200 || said.includes('"errors":[{"message"')) throw new Error(`${String(statusCode)} ${said}`);
      times.push(performance.now() - begun);
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  await pool.close();
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), perSecond: times.length / seconds };
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

/** A server in a process of its own that says one line, which `read` understands, and ends with its input. */
async function served<T>(args: readonly string[], read: (line: string) => T | null): Promise<Served<T>> {
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const lines = createInterface(child.stdout);
  const said = await new Promise<T>((resolve, reject) => {
    lines.on('line', (line) => {
      const found = read(line);
      if (found !== null) resolve(found);
    });
    child.once('exit', (code) => {
      reject(new Error(`${args.join(' ')} ended with ${String(code)}`));
    });
  });
  return {
    said,
    ask: async (line) => {
      child.stdin.write(`${line}\n`);
      return String((await once(lines, 'line'))[0]);
    },
    end: async () => {
      child.stdin.end();
      await ended;
    },
  };
}

/** As the image runs the api. */
const V8_FLAGS = ['--max-semi-space-size=32'];
const api = await served(
  [...V8_FLAGS, 'scripts/run.mjs', 'test/bench/api/bench-server.ts', values.namespaces],
  (line) => (line.startsWith('{"url"') ? (JSON.parse(line) as ApiUnderLoad) : null),
);
const peer = await served(['test/bench/api/apollo-express.mjs'], (line) => line);
const { said: cluster } = api;
const report = new BenchReport();
try {
  const fixture = `${String(cluster.pods)} pods`;
  const question = (index: number): object => {
    const { length } = cluster.names;
    const [from, to] = [cluster.names[index % length], cluster.names[Math.floor(index / length + index * 7) % length]];
    return { cluster: 'bench', from, to, port: 8080 };
  };
  let asked = 0;
  const distinct = (): object => question((asked += 1));
  const repeated = (): object => question(0);
  const rest = (next: () => object) => (): string => JSON.stringify(next());
  const graphql = (next: () => object) => (): string => JSON.stringify({ query: QUERY, variables: { input: next() } });
  // The first question compiles the snapshot.
  const cold = performance.now();
  await load(cluster.url, REST, rest(repeated), 1, 0.001);
  report.add('first question, snapshot compiled for it', fixture, performance.now() - cold, 'ms');
  for (const [origin, path, next] of [
    [cluster.emptyUrl, '/empty', rest(repeated)],
    [cluster.emptyUrl, '/long', rest(repeated)],
    [cluster.url, REST, rest(distinct)],
    [cluster.url, REST, rest(repeated)],
    [cluster.url, '/graphql', graphql(distinct)],
    [peer.said, '/graphql', graphql(distinct)],
  ] as const) {
    for (let done = 0; done < WARM_UP;) done += (await load(origin, path, next, 1, 1)).perSecond;
  }
  const empty = await load(cluster.emptyUrl, '/empty', rest(repeated), 1, SECONDS);
  const of = (value: number): { name: string; value: number } => ({ name: 'empty Fastify route', value });
  report.add('empty route p50', fixture, empty.p50, 'ms');
  report.add('empty route p99', fixture, empty.p99, 'ms');
  const long = await load(cluster.emptyUrl, '/long', rest(repeated), 1, SECONDS);
  report.add('an empty route that sends as much as an answer p50', fixture, long.p50, 'ms');
  report.add('an empty route that sends as much as an answer p99', fixture, long.p99, 'ms');
  for (const [what, next] of [
    ['distinct questions', distinct],
    ['a repeated question', repeated],
  ] as const) {
    const { p50, p99 } = await load(cluster.url, REST, rest(next), 1, SECONDS);
    report.add(`${what} over REST p50`, fixture, p50, 'ms', { reference: of(empty.p50), atMost: empty.p50 * 1.3 });
    report.add(`${what} over REST p99`, fixture, p99, 'ms', { reference: of(empty.p99), atMost: empty.p99 * 1.5 });
  }
  const gql = await load(cluster.url, '/graphql', graphql(distinct), 1, SECONDS);
  const express = await load(peer.said, '/graphql', graphql(distinct), 16, SECONDS);
  const same = await load(cluster.url, '/graphql', graphql(repeated), 16, SECONDS);
  const wide = await load(cluster.url, '/graphql', graphql(distinct), 16, SECONDS);
  report.add('distinct questions over GraphQL p50', fixture, gql.p50, 'ms', { reference: of(empty.p50) });
  report.add('distinct questions over GraphQL p99, 16 connections', fixture, wide.p99, 'ms', { atMost: 10 });
  const apollo = { name: 'Apollo on Express, empty resolver', value: express.perSecond };
  report.add('Apollo on Express, 16 connections', fixture, express.perSecond, '/s');
  for (const [what, { perSecond }] of [
    ['distinct questions', wide],
    ['a repeated question', same],
  ] as const) {
    report.rate(`${what} over GraphQL, 16 connections`, fixture, perSecond, '/s', express.perSecond * 3, apollo);
  }
  const ingest = await served(
    ['scripts/run.mjs', 'test/bench/api/ingest-load.ts', cluster.databaseUrl, String(INGEST_PER_SECOND * 1.1)],
    (line) => (line === 'storing' ? line : null),
  );
  try {
    await load(cluster.url, '/graphql', graphql(distinct), 16, SECONDS);
    // The first batches meet code that is not compiled yet.
    while (Number(await ingest.ask('rows')) === 0) await sleep(500);
    const begun = performance.now();
    const busy = await load(cluster.url, '/graphql', graphql(distinct), 16, SECONDS);
    const rows = Number(await ingest.ask('rows')) / ((performance.now() - begun) / 1_000);
    report.add('the same while sync stores, p99', fixture, busy.p99, 'ms', { atMost: 10 });
    report.add('  questions meanwhile', fixture, busy.perSecond, '/s');
    report.add('  rows stored meanwhile', fixture, rows, '/s', { atLeast: INGEST_PER_SECOND });
  } finally {
    await ingest.end();
  }
  for (const [what, format] of [
    ['snapshot compiled for it', 'ndjson'],
    ['as NDJSON', 'ndjson'],
    ['as CSV', 'csv'],
  ] as const) {
    const { firstMs, holdMs } = await listed(cluster, format);
    report.add(`all connections, ${what}: first row`, '10000 pods', firstMs, 'ms', { atMost: 100 });
    report.add(`all connections, ${what}: longest hold of the loop`, '10000 pods', holdMs, 'ms', { atMost: 50 });
  }
  const drift = await drifted(cluster);
  report.add('drift of two snapshots, in service', '10000 pods', drift.ms, 'ms', { atMost: 250 });
  report.add('  entries of it', '10000 pods', drift.entries, 'entries');
  report.add('  longest hold of the loop', '10000 pods', drift.holdMs, 'ms');
} finally {
  await Promise.all([api.end(), peer.end()]);
}
report.write(values.json ?? null);
