import type { Page } from '../clusters/cluster-view.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { ServerClient } from '../server/server-client.js';
import { renderTable } from '../table.js';
import type { Terminal } from '../terminal.js';

/** Options of `atlas audit suppressions`, as commander reads them. */
export interface SuppressionsOptions {
  readonly server: string;
  readonly cluster?: string;
  readonly limit: string;
  readonly sort?: string;
  readonly output: 'text' | 'json';
}

/** Options of `atlas audit suppress`. */
export interface SuppressOptions {
  readonly server: string;
  readonly cluster?: string;
  readonly check?: string;
  readonly fingerprint?: string;
  readonly namespace?: string;
  readonly owner: string;
  readonly reason: string;
  readonly until: string;
}

interface RemoteSuppression {
  readonly id: string;
  readonly check: string | null;
  readonly fingerprint: string | null;
  readonly namespace: string | null;
  readonly owner: string;
  readonly reason: string;
  readonly expiresAt: string;
}

/** Lists findings that were accepted for a time, while that lasts. */
export async function runSuppressions(options: SuppressionsOptions, terminal: Terminal): Promise<ExitCode> {
  const { server, cluster, limit, sort } = options;
  const page = (await new ServerClient(server).get('suppressions', {
    cluster,
    limit,
    sort,
  })) as Page<RemoteSuppression>;
  if (options.output === 'json') {
    terminal.out(JSON.stringify(page, null, 2));
    return EXIT.ok;
  }
  const rows = page.items.map(({ id, check, fingerprint, namespace, owner, reason, expiresAt }) => [
    id,
    check ?? fingerprint ?? '',
    namespace ?? 'all',
    owner,
    expiresAt,
    reason,
  ]);
  terminal.out(renderTable(['ID', 'OF', 'NAMESPACE', 'OWNER', 'UNTIL', 'REASON'], rows));
  if (page.page.nextCursor !== null) terminal.err('there is more, see --limit');
  return EXIT.ok;
}

/** Accepts a finding, or all of a check, for a time. */
export async function runSuppress(options: SuppressOptions, terminal: Terminal): Promise<ExitCode> {
  const { server, until, ...rest } = options;
  const { id, expiresAt } = (await new ServerClient(server).post('suppressions', {
    ...rest,
    expiresAt: until,
  })) as RemoteSuppression;
  terminal.out(`suppressed until ${expiresAt}, as ${id}`);
  return EXIT.ok;
}

/** Takes a suppression back before its time. */
export async function runUnsuppress(id: string, server: string, terminal: Terminal): Promise<ExitCode> {
  await new ServerClient(server).delete(`suppressions/${encodeURIComponent(id)}`);
  terminal.out(`${id} is no suppression any more`);
  return EXIT.ok;
}
