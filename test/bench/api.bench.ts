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
const QUERY = `query Q($input: CanReachInput!) { canReach(input: $input) { __typename ... on Reachability { verdict reason } } }`;

interface Served {
  readonly url: string;
  readonly emptyUrl: string;
  readonly pods: number;
  readonly from: string;
  readonly to: string;
}

interface Load {
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
}

/** Sends one request after the other on each of `connections`, and gives how long they took. */
async function load(origin: string, path: string, body: unknown, connections: number, seconds: number): Promise<Load> {
  const pool = new Pool(origin, { connections, pipelining: 1 });
  const text = JSON.stringify(body);
  const times: number[] = [];
  const end = performance.now() + seconds * 1_000;
  const client = async (): Promise<void> => {
    while (performance.now() < end) {
      const begun = performance.now();
      const { statusCode, body: answer } = await pool.request({
        path,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: text,
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
  const question = { cluster: 'bench', from: served.from, to: served.to, port: 8080 };
  const graphql = { query: QUERY, variables: { input: question } };
  // The first question compiles the snapshot.
  const cold = performance.now();
  await load(served.url, '/api/v1/reachability', question, 1, 0.001);
  report.add('first question, snapshot compiled for it', fixture, performance.now() - cold, 'ms');
  for (const [origin, path, body] of [
    [served.emptyUrl, '/empty', question],
    [served.url, '/api/v1/reachability', question],
    [served.url, '/graphql', graphql],
  ] as const) {
    for (let asked = 0; asked < WARM_UP;) asked += (await load(origin, path, body, 1, 1)).perSecond;
  }
  const empty = await load(served.emptyUrl, '/empty', question, 1, SECONDS);
  const rest = await load(served.url, '/api/v1/reachability', question, 1, SECONDS);
  const gql = await load(served.url, '/graphql', graphql, 1, SECONDS);
  const wide = await load(served.url, '/graphql', graphql, 16, SECONDS);
  const of = (value: number): { name: string; value: number } => ({ name: 'empty Fastify route', value });
  report.add('empty route p50', fixture, empty.p50, 'ms');
  report.add('one question over REST p50', fixture, rest.p50, 'ms', {
    reference: of(empty.p50),
    atMost: empty.p50 * 1.3,
  });
  report.add('one question over REST p99', fixture, rest.p99, 'ms', {
    reference: of(empty.p99),
    atMost: empty.p99 * 1.5,
  });
  report.add('one question over GraphQL p50', fixture, gql.p50, 'ms', { reference: of(empty.p50) });
  report.add('one question over GraphQL p99, 16 connections', fixture, wide.p99, 'ms', { atMost: 10 });
  report.add('questions over GraphQL, 16 connections', fixture, wide.perSecond, '/s');
} finally {
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.stdin.end();
  await ended;
}
report.write(values.json ?? null);
