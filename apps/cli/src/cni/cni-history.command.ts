import type { CniDetection } from '#engine';

import type { Page } from '../clusters/cluster-view.js';
import { clusterOfServer } from '../can/question-source.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { provenanceLine, type RemoteProvenance } from '../server/provenance-line.js';
import { ServerClient } from '../server/server-client.js';
import { renderTable } from '../table.js';
import type { Terminal } from '../terminal.js';
import type { CniOptions } from './cni.command.js';

interface RemoteCniChange {
  readonly seenAt: string;
  readonly seq: number;
  readonly cni: CniDetection;
  readonly changes: readonly string[];
}

const HEADER = ['SEEN', 'SNAPSHOT', 'PLUGIN', 'ENFORCED', 'WHAT DIFFERED'];

/** Tells which plugins a cluster of a server ran, newest first, and what differed each time. */
export async function runCniHistory(options: CniOptions, terminal: Terminal): Promise<ExitCode> {
  const { server, cluster } = clusterOfServer(options);
  const path = `clusters/${encodeURIComponent(cluster)}/cni/history`;
  const page = (await new ServerClient(server).get(path)) as Page<RemoteCniChange> & RemoteProvenance;
  if (options.output === 'json') {
    terminal.out(JSON.stringify(page, null, 2));
    return EXIT.ok;
  }
  const rows = page.items.map(({ seenAt, seq, cni, changes }) => [
    seenAt,
    String(seq),
    cni.title,
    cni.enforced,
    changes.join(', '),
  ]);
  terminal.out(renderTable(HEADER, rows));
  if (page.page.nextCursor !== null) terminal.err('there is more, ask the server for the older ones');
  terminal.err(provenanceLine(page));
  return EXIT.ok;
}
