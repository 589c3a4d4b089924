// npm run -s bench:api -- [--json FILE] [--namespaces 5000] [--seconds 5]
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Pool } from 'undici';
import { BenchReport } from './bench-row.js';

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
const ROOT = join(import.meta.dirname, '..', '..');
const REST = '/api/v1/reachability';
const QUERY = `query Q($input: CanReachInput!) { canReach(input: $input) { __typename ... on Reachability { verdict reason } } }`;

interface Served {
  readonly url: string;
  readonly emptyUrl: string;
  readonly pods: number;
  readonly names: readonly string[];
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

const child = spawn(process.execPath, ['scripts/run.mjs', 'test/bench/api/bench-server.ts', values.namespaces], {
  cwd: ROOT,
  stdio: ['pipe', 'pipe', 'inherit'],
});
const served = await new Promise<Served>((resolve, reject) => {
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    const line = said.split('\n').find((one) => one.startsWith('{"url"'));
    if (line !== undefined) resolve(JSON.parse(line) as Served);
  });
  child.once('exit', (code) => {
    reject(new Error(`the server ended with ${String(code)}`));
  });
});

const report = new BenchReport();
try {
  const fixture = `${String(served.pods)} pods`;
  const question = (index: number): object => {
    const { length } = served.names;
    const [from, to] = [served.names[index % length], served.names[Math.floor(index / length + index * 7) % length]];
    return { cluster: 'bench', from, to, port: 8080 };
  };
  let asked = 0;
  const distinct = (): object => question((asked += 1));
  const repeated = (): object => question(0);
  const rest = (next: () => object) => (): string => JSON.stringify(next());
  const graphql = (next: () => object) => (): string => JSON.stringify({ query: QUERY, variables: { input: next() } });
  // The first question compiles the snapshot.
  const cold = performance.now();
  await load(served.url, REST, rest(repeated), 1, 0.001);
  report.add('first question, snapshot compiled for it', fixture, performance.now() - cold, 'ms');
  for (const [origin, path, next] of [
    [served.emptyUrl, '/empty', rest(repeated)],
    [served.url, REST, rest(distinct)],
    [served.url, REST, rest(repeated)],
    [served.url, '/graphql', graphql(distinct)],
  ] as const) {
    for (let done = 0; done < WARM_UP;) done += (await load(origin, path, next, 1, 1)).perSecond;
  }
  const empty = await load(served.emptyUrl, '/empty', rest(repeated), 1, SECONDS);
  const of = (value: number): { name: string; value: number } => ({ name: 'empty Fastify route', value });
  report.add('empty route p50', fixture, empty.p50, 'ms');
  report.add('empty route p99', fixture, empty.p99, 'ms');
  for (const [what, next] of [
    ['distinct questions', distinct],
    ['a repeated question', repeated],
  ] as const) {
    const { p50, p99 } = await load(served.url, REST, rest(next), 1, SECONDS);
    report.add(`${what} over REST p50`, fixture, p50, 'ms', { reference: of(empty.p50), atMost: empty.p50 * 1.3 });
    report.add(`${what} over REST p99`, fixture, p99, 'ms', { reference: of(empty.p99), atMost: empty.p99 * 1.5 });
  }
  const gql = await load(served.url, '/graphql', graphql(distinct), 1, SECONDS);
  const wide = await load(served.url, '/graphql', graphql(distinct), 16, SECONDS);
  report.add('distinct questions over GraphQL p50', fixture, gql.p50, 'ms', { reference: of(empty.p50) });
  report.add('distinct questions over GraphQL p99, 16 connections', fixture, wide.p99, 'ms', { atMost: 10 });
  report.add('distinct questions over GraphQL, 16 connections', fixture, wide.perSecond, '/s');
} finally {
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.stdin.end();
  await ended;
}
report.write(values.json ?? null);
