import type { DriftReport } from '#engine';

import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-code.js';
import type { RemoteProvenance } from '../server/provenance-line.js';
import type { ServerClient } from '../server/server-client.js';

/** A state as a server names it; only a snapshot has a number. */
interface RemoteState {
  readonly seq?: number;
}

/** A page of a report as a server tells it. */
export interface RemoteDrift extends DriftReport, RemoteProvenance {
  readonly before: RemoteState;
  readonly after: RemoteState;
  readonly page: { readonly nextCursor: string | null };
  readonly [field: string]: unknown;
}

/** Every page of a report, put together. */
export async function fetchDrift(
  client: ServerClient,
  path: string,
  question: Readonly<Record<string, unknown>>,
): Promise<RemoteDrift> {
  let page = await fetchPage(client, path, question);
  const [entries, objects] = [[...page.entries], [...page.objects]];
  for (let cursor = page.page.nextCursor; cursor !== null; cursor = page.page.nextCursor) {
    page = await fetchPage(client, path, { ...question, cursor });
    entries.push(...page.entries);
    objects.push(...page.objects);
  }
  return { ...page, entries, objects };
}

async function fetchPage(client: ServerClient, path: string, question: object): Promise<RemoteDrift> {
  const body = await client.post(path, { ...question, limit: 100 });
  if (!isDrift(body)) throw new CliError(EXIT.unreachable, 'the server did not answer with a report on drift');
  return body;
}

function isDrift(body: unknown): body is RemoteDrift {
  return typeof body === 'object' && body !== null && 'entries' in body && 'summary' in body && 'page' in body;
}
