import type { Severity } from '#checks';
import type { Page } from '../clusters/cluster-view.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { ServerClient } from '../server/server-client.js';
import { renderTable } from '../table.js';
import type { Terminal } from '../terminal.js';

/** Options of `atlas audit trend`, as commander reads them. */
export interface TrendOptions {
  readonly server: string;
  readonly cluster: string;
  readonly namespace?: readonly string[];
  readonly framework?: readonly string[];
  readonly limit: string;
  readonly sort?: string;
  readonly output: 'text' | 'json';
}

interface RemoteScore {
  readonly score: number | null;
  readonly findings: Readonly<Record<Severity, number>>;
  readonly added: number;
  readonly resolved: number;
}

interface RemotePoint {
  readonly number: number;
  readonly createdAt: string;
  readonly overall: RemoteScore;
  readonly namespaces: readonly (RemoteScore & { readonly namespace: string })[];
  readonly frameworks: readonly (RemoteScore & { readonly framework: string })[];
}

const HEADER = ['AUDIT', 'WHEN', 'OF', 'SCORE', 'CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'INFO', 'NEW', 'RESOLVED'];

/** Tells how the scores of a cluster went from audit to audit. */
export async function runTrend(options: TrendOptions, terminal: Terminal): Promise<ExitCode> {
  const { server, cluster, namespace, framework, limit, sort } = options;
  const path = `clusters/${encodeURIComponent(cluster)}/audit-trend`;
  const page = (await new ServerClient(server).get(path, { limit, namespace, framework, sort })) as Page<RemotePoint>;
  if (options.output === 'json') {
    terminal.out(JSON.stringify(page, null, 2));
    return EXIT.ok;
  }
  terminal.out(renderTable(HEADER, page.items.flatMap(rowsOf)));
  if (page.page.nextCursor !== null) terminal.err('there is more, see --limit');
  return EXIT.ok;
}

function rowsOf({ number, createdAt, overall, namespaces, frameworks }: RemotePoint): string[][] {
  const row = (of: string, { score, findings, added, resolved }: RemoteScore): string[] => {
    const { critical, high, medium, low, info } = findings;
    const counts = [critical, high, medium, low, info, added, resolved].map(String);
    return [String(number), createdAt, of, score === null ? '-' : String(score), ...counts];
  };
  return [
    row('cluster', overall),
    ...namespaces.map((one) => row(one.namespace === '' ? 'no namespace' : `namespace ${one.namespace}`, one)),
    ...frameworks.map((one) => row(one.framework, one)),
  ];
}
