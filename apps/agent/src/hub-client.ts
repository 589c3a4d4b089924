import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Secret } from '#config';
import { AGENT_BATCH_MEDIA_TYPE, AGENT_ROUTES, AppError, ERROR_CODES, type ErrorCode } from '#contracts';
import type { ClusterReport, FactBatch, KeptPositions, PersistResult } from '#ingest';
import type { SourcePositions } from '#kube';

import { batchBody } from './batch-body.js';

/** Packing, sending and storing a first state may take a while. */
const TIMEOUT_MS = 120_000;
const MAX_WAIT_SECONDS = 30;

export interface HubOptions {
  readonly hubUrl: string;
  readonly token: Secret | null;
  /** Read again for every request, so that a new token needs no restart. */
  readonly tokenFile: string | null;
}

export interface HubSession {
  readonly session: string;
  readonly cluster: { readonly id: string; readonly name: string };
}

interface Position {
  readonly kept: KeptPositions | null;
  readonly facts: FactBatch['upserts'];
}

interface Receipt extends PersistResult {
  readonly counts: Readonly<Record<string, number>>;
}

/** The hub as the place where a cluster is stored. Every call throws `AppError`, with the hub's own code where it gave one. */
export class HubClient {
  private session = '';
  private sequence = 0;
  private counts: Record<string, number> = {};

  constructor(private readonly options: HubOptions) {}

  async open(): Promise<HubSession> {
    const body = JSON.stringify({ agentVersion: '1' });
    const opened = (await this.send('POST', AGENT_ROUTES.session, 'application/json', body)) as HubSession;
    this.session = opened.session;
    this.sequence = 0;
    return opened;
  }

  /** Sends one batch; resolves when it is stored. One that fails is gathered again and sent under a new number. */
  async persist(_clusterId: string, batch: FactBatch): Promise<PersistResult> {
    this.sequence += 1;
    const query = new URLSearchParams({ session: this.session, sequence: String(this.sequence) });
    const path = `${AGENT_ROUTES.batches}?${query.toString()}`;
    const receipt = (await this.send('POST', path, AGENT_BATCH_MEDIA_TYPE, await batchBody(batch))) as Receipt;
    this.counts = { ...receipt.counts };
    return { seq: receipt.seq, changed: receipt.changed, created: receipt.created };
  }

  /** What the hub counted when it stored the newest batch. */
  countKinds(): Promise<Record<string, number>> {
    return Promise.resolve(this.counts);
  }

  async report({ counts: _counted, ...report }: ClusterReport): Promise<void> {
    if (Object.keys(report).length === 0) return;
    const body = JSON.stringify({ session: this.session, report });
    await this.send('PUT', AGENT_ROUTES.report, 'application/json', body);
  }

  /** Where an agent goes on that starts now; everything up to there is stored. */
  async position(): Promise<Position> {
    return (await this.send('GET', AGENT_ROUTES.position)) as Position;
  }

  async keepPosition(positions: SourcePositions): Promise<void> {
    const body = JSON.stringify({ session: this.session, positions });
    await this.send('PUT', AGENT_ROUTES.position, 'application/json', body);
  }

  private async send(method: string, path: string, contentType = '', body?: string | Buffer): Promise<unknown> {
    const authorization = `Bearer ${await this.token()}`;
    const headers = { authorization, ...(body === undefined ? {} : { 'content-type': contentType }) };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    let response: Response;
    try {
      response = await fetch(this.options.hubUrl + path, { method, headers, body, signal });
    } catch (error) {
      throw unreachable(this.options.hubUrl, reasonOf(error), error);
    }
    const text = await response.text().catch(() => '');
    if (response.ok) return text === '' ? null : JSON.parse(text);
    // The hub is busy: what comes meanwhile is gathered, at most one change an object.
    const waitSeconds = Number(response.headers.get('retry-after') ?? 0);
    if (waitSeconds > 0) await sleep(Math.min(waitSeconds, MAX_WAIT_SECONDS) * 1000);
    throw problemOf(response.status, text, this.options.hubUrl);
  }

  private async token(): Promise<string> {
    const { token, tokenFile } = this.options;
    if (tokenFile === null) return token?.reveal() ?? '';
    try {
      return (await readFile(tokenFile, 'utf8')).trim();
    } catch (error) {
      throw new AppError('agent.token_invalid', `cannot read the token from \`${tokenFile}\``, { cause: error });
    }
  }
}

function problemOf(status: number, text: string, hubUrl: string): AppError {
  try {
    const { code, detail } = JSON.parse(text) as { code?: unknown; detail?: unknown };
    const known = (ERROR_CODES as readonly unknown[]).includes(code);
    if (known) return new AppError(code as ErrorCode, `the hub says: ${String(detail)}`);
  } catch {
    // Proxies in front of a hub answer in HTML: the status says enough.
  }
  return unreachable(hubUrl, `it answered ${String(status)}`);
}

function unreachable(hubUrl: string, why: string, cause?: unknown): AppError {
  return new AppError('cluster.unreachable', `cannot send to the hub ${hubUrl}: ${why}`, { cause });
}

function reasonOf(error: unknown): string {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return inner instanceof Error ? (inner.message.split('\n')[0] ?? '').toLowerCase() : String(inner);
}
