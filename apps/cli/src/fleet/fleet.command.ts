import { EXIT, type ExitCode } from '../exit-code.js';
import type { TextFormat } from '../output/format-option.js';
import { tell } from '../output/tell.js';
import { ServerClient } from '../server/server-client.js';
import type { Terminal } from '../terminal.js';

/** Options of `atlas fleet`, as commander reads them. */
export interface FleetOptions {
  readonly server: string;
  readonly cluster: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly port?: string;
  readonly protocol?: string;
  readonly output: TextFormat;
}

interface FleetRow {
  readonly type: 'answer' | 'absent' | 'failed';
  readonly cluster: string;
  readonly verdict?: string;
  readonly summary?: string;
  readonly message?: string;
  readonly connections?: readonly {
    readonly source: string;
    readonly destination: string;
    readonly connections: string;
  }[];
  /** There are more connections than these. */
  readonly hasMore?: boolean;
}

/** Asks every cluster of a server the same, and names those that could not be asked. */
export async function runFleet(options: FleetOptions, terminal: Terminal): Promise<ExitCode> {
  const { server, cluster, from, to, port, protocol } = options;
  const question = { clusters: cluster.length === 0 ? undefined : cluster, from, to, port, protocol };
  const body = (await new ServerClient(server).post('fleet/reachability', question)) as {
    readonly items: readonly FleetRow[];
    readonly failed: readonly string[];
  };
  const items = [...body.items].sort((a, b) => (a.cluster < b.cluster ? -1 : 1));
  const columns = ['cluster', 'verdict', 'summary'];
  const rows = (): string[][] =>
    items.map((row) => [row.cluster, row.verdict ?? row.type, row.summary ?? row.message ?? '']);
  const words = (table: () => string): void => {
    terminal.out(table());
    for (const { cluster: name, connections = [], hasMore } of items) {
      if (connections.length === 0) continue;
      terminal.out(`\n${name}${hasMore === true ? ', the first' : ''}`);
      for (const row of connections) terminal.out(`  ${row.source} → ${row.destination}: ${row.connections}`);
    }
  };
  await tell({ data: body, words, columns, rows }, options.output, terminal);
  if (body.failed.length === 0) return EXIT.ok;
  terminal.err(`could not be asked: ${body.failed.join(', ')}`);
  return EXIT.unreachable;
}
