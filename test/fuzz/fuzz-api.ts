import { setTimeout as sleep } from 'node:timers/promises';
import type { GraphQLSchema } from 'graphql';
import { graphqlDocument, rootFields } from '../support/api-surface/graphql-requests.js';
import { restOperations, restRequest, type OpenApi } from '../support/api-surface/rest-requests.js';
import { bentChoices } from './bent-choices.js';
import { randomOf } from './random.js';

export interface FuzzTarget {
  readonly url: string;
  readonly openApi: OpenApi;
  readonly schema: GraphQLSchema;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface FuzzResult {
  readonly requests: number;
  readonly byStatus: Readonly<Record<string, number>>;
  /** What should not be: a status of 500 or above, an internal error, no answer in time. */
  readonly faults: readonly string[];
  readonly slowestMs: number;
  readonly slowest: string;
}

interface Shot {
  readonly method: string;
  readonly path: string;
  readonly contentType: string | null;
  readonly body: string | undefined;
}

const TIMEOUT_MS = 10_000;
const CONCURRENCY = 8;
const ENDLESS = ['streamJob', 'streamChanges', 'streamDrift', 'streamAssertionEvents'];
/** What has no end is not waited for; the service itself is not taken away under the test. */
const LEFT_OUT = new Set([...ENDLESS, 'removeCluster', 'uploadManifests']);
const DEEP = `{ ${'clusters { edges { node { '.repeat(400)}id${' } } }'.repeat(400)} }`;
const ALIASES = `{ ${Array.from({ length: 2_000 }, (_, i) => `a${String(i)}: clusters { edges { cursor } }`).join(' ')} }`;
const FRAGMENTS = `{ ...f0 } ${Array.from({ length: 60 }, (_, i) => `fragment f${String(i)} on Query { ...f${String(i + 1)} ...f${String(i + 1)} }`).join(' ')} fragment f60 on Query { __typename }`;
const CYCLE = '{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }';
const BOMBS = [
  DEEP,
  ALIASES,
  FRAGMENTS,
  CYCLE,
  '{',
  '',
  '{ __schema { types { fields { type { fields { name } } } } } }',
];

/** Sends requests made from the descriptions of both doors, and notes what should not be. */
export async function fuzzApi(target: FuzzTarget, requests: number, seed: number): Promise<FuzzResult> {
  const random = randomOf(seed);
  const next = shots(target, random);
  const byStatus: Record<string, number> = {};
  const faults: string[] = [];
  let slowestMs = 0;
  let slowest = '';
  let sent = 0;
  const worker = async (): Promise<void> => {
    while (sent < requests) {
      sent += 1;
      const shot = next();
      const begun = performance.now();
      const { status, fault } = await fire(target, shot);
      const tookMs = performance.now() - begun;
      byStatus[status] = (byStatus[status] ?? 0) + 1;
      if (tookMs > slowestMs) [slowestMs, slowest] = [tookMs, describe(shot)];
      if (fault !== null) faults.push(`${describe(shot)} → ${fault}`);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  await sleep(0);
  return { requests: sent, byStatus, faults, slowestMs, slowest };
}

function shots({ openApi, schema }: FuzzTarget, random: () => number): () => Shot {
  const operations = restOperations(openApi).filter(({ operationId }) => !LEFT_OUT.has(operationId));
  const fields = rootFields(schema).filter(
    ({ operation, field }) => operation !== 'subscription' && field.name !== 'removeCluster',
  );
  let turn = 0;
  return () => {
    turn += 1;
    if (turn % 97 === 0) return post({ query: BOMBS[Math.floor(random() * BOMBS.length)] });
    if (turn % 3 === 0) {
      const root = fields[turn % fields.length];
      if (root !== undefined) return post({ query: graphqlDocument(schema, root, bentChoices(random, 8), 3) });
    }
    const operation = operations[turn % operations.length] ?? operations[0];
    if (operation === undefined) throw new Error('the description has no operation');
    const { method, url, contentType, body } = restRequest(operation, bentChoices(random, 8));
    return { method, path: url, contentType, body };
  };
}

function post(body: unknown): Shot {
  return { method: 'POST', path: '/graphql', contentType: 'application/json', body: JSON.stringify(body) };
}

async function fire({ url, headers }: FuzzTarget, shot: Shot): Promise<{ status: string; fault: string | null }> {
  try {
    const response = await fetch(url + shot.path, {
      method: shot.method,
      headers: { ...headers, ...(shot.contentType === null ? {} : { 'content-type': shot.contentType }) },
      ...(shot.body === undefined || shot.method === 'GET' ? {} : { body: shot.body }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    const isFault = response.status >= 500 || text.includes('INTERNAL_SERVER_ERROR');
    return {
      status: String(response.status),
      fault: isFault ? `${String(response.status)} ${text.slice(0, 400)}` : null,
    };
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    return { status: 'none', fault: cause instanceof Error ? `${cause.name} ${cause.message}` : String(cause) };
  }
}

function describe({ method, path, body }: Shot): string {
  return `${method} ${path.slice(0, 300)} ${(body ?? '').slice(0, 400)}`.trim();
}
