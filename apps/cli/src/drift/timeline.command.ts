import type { Page } from '../clusters/cluster-view.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import type { TextFormat } from '../output/format-option.js';
import { tell } from '../output/tell.js';
import { provenanceLine, type RemoteProvenance } from '../server/provenance-line.js';
import { ServerClient } from '../server/server-client.js';
import type { Terminal } from '../terminal.js';

/** Options of `atlas timeline`, as commander reads them. */
export interface TimelineOptions {
  readonly server: string;
  readonly cluster: string;
  readonly dangerous?: boolean;
  readonly breaking?: boolean;
  readonly limit: string;
  readonly output: TextFormat;
}

interface RemoteStretch {
  readonly before: { readonly seq: number };
  readonly after: { readonly seq: number; readonly takenAt: string };
  readonly dangerous: number;
  readonly breaking: number;
  readonly objects: number;
  readonly types: Readonly<Record<string, number>>;
  readonly fromBaseline: { readonly name: string; readonly dangerous: number; readonly breaking: number } | null;
}

const COLUMNS = ['when', 'snapshots', 'dangerous', 'breaking', 'objects', 'from baseline', 'what'];

/** Tells what changed in a cluster, newest first. */
export async function runTimeline(options: TimelineOptions, terminal: Terminal): Promise<ExitCode> {
  const { server, cluster, limit, dangerous, breaking } = options;
  const query = { limit, ...(dangerous && { dangerous: 'true' }), ...(breaking && { breaking: 'true' }) };
  const path = `clusters/${encodeURIComponent(cluster)}/drift`;
  const page = (await new ServerClient(server).get(path, query)) as Page<RemoteStretch> & RemoteProvenance;
  const rows = (): string[][] =>
    page.items.map(({ before, after, types, fromBaseline, ...counts }) => [
      after.takenAt,
      `${String(before.seq)}..${String(after.seq)}`,
      ...[counts.dangerous, counts.breaking, counts.objects].map(String),
      fromBaseline === null
        ? '-'
        : `${String(fromBaseline.dangerous)} dangerous, ${String(fromBaseline.breaking)} breaking`,
      Object.entries(types)
        .map(([type, count]) => `${String(count)} ${type}`)
        .join(', '),
    ]);
  const words = (table: () => string): void => {
    terminal.out(page.items.length === 0 ? nothing(options) : table());
    if (page.page.nextCursor !== null) terminal.err('there is more, see --limit');
    terminal.err(provenanceLine(page));
  };
  await tell({ data: page, words, columns: COLUMNS, rows }, options.output, terminal);
  return EXIT.ok;
}

function nothing({ cluster, dangerous = false, breaking = false }: TimelineOptions): string {
  const what = dangerous || breaking ? 'No change of that kind' : 'Nothing';
  return `${what} is known to have changed in ${cluster}`;
}
