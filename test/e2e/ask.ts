import { setTimeout as sleep } from 'node:timers/promises';

import { atlas } from './standalone-process.js';

/** A question as REST takes it. */
export interface Question {
  readonly cluster: string;
  readonly from: string;
  readonly to: string;
  readonly port?: number | string;
  readonly protocol?: string;
}

/** What the three ways of asking must agree on. */
export interface Essence {
  readonly verdict: string;
  readonly reason: string;
  readonly summary: string;
  readonly intended: string;
  readonly seq: number;
}

interface RestAnswer {
  readonly verdict: string;
  readonly reason: string;
  readonly summary: string;
  readonly intended: { readonly verdict: string };
  readonly asOf: { readonly seq: number };
}

export async function requestJson(
  url: string,
  method = 'GET',
  body?: unknown,
): Promise<{ status: number; body: unknown }> {
  const sent =
    body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(url, { method, ...sent });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : (JSON.parse(text) as unknown) };
}

export async function askByRest(url: string, question: Question): Promise<Essence> {
  const { status, body } = await requestJson(`${url}/api/v1/reachability`, 'POST', question);
  if (status !== 200) throw new Error(`status ${String(status)}: ${JSON.stringify(body)}`);
  return essence(body as RestAnswer);
}

export async function askByGraphql(url: string, question: Question): Promise<Essence> {
  const query = `query ($input: CanReachInput!) {
    canReach(input: $input) {
      __typename
      ... on Reachability { verdict reason summary intended { verdict } asOf { seq } }
    }
  }`;
  const { body } = await requestJson(`${url}/graphql`, 'POST', { query, variables: { input: question } });
  const { data, errors } = body as { data?: { canReach: RestAnswer }; errors?: unknown };
  if (data === undefined || errors !== undefined) throw new Error(JSON.stringify(body));
  const found = essence(data.canReach);
  return { ...found, verdict: found.verdict.toLowerCase(), intended: found.intended.toLowerCase() };
}

export async function askByCommand(
  url: string,
  question: Question,
): Promise<Essence & { readonly code: number | null }> {
  const { cluster, from, to, port, protocol } = question;
  const more = [
    ...(port === undefined ? [] : ['--port', String(port)]),
    ...(protocol === undefined ? [] : ['--protocol', protocol]),
  ];
  const target = ['--server', url, '--cluster', cluster, '--from', from, '--to', to];
  const { code, stdout, stderr } = await atlas('can', ...target, ...more, '-o', 'json');
  if (stderr !== '') throw new Error(stderr);
  return { ...essence(JSON.parse(stdout) as RestAnswer), code };
}

function essence({ verdict, reason, summary, intended, asOf }: RestAnswer): Essence {
  return { verdict, reason, summary, intended: intended.verdict, seq: asOf.seq };
}

/** Asks again until the answer is as wanted, and gives how long that took. */
export async function untilAnswer(
  ask: () => Promise<Essence>,
  wanted: Partial<Essence>,
  timeoutMs = 20_000,
): Promise<number> {
  const started = Date.now();
  for (;;) {
    const answer = await ask();
    const entries = Object.entries(wanted) as [keyof Essence, unknown][];
    if (entries.every(([key, value]) => answer[key] === value)) return Date.now() - started;
    if (Date.now() - started > timeoutMs) throw new Error(`still ${JSON.stringify(answer)}`);
    await sleep(100);
  }
}
