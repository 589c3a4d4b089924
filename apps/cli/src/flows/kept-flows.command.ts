import { clusterOfServer } from '../can/question-source.js';
import type { Page } from '../clusters/cluster-view.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { provenanceLine, type RemoteProvenance } from '../server/provenance-line.js';
import { ServerClient } from '../server/server-client.js';
import { renderTable } from '../table.js';
import type { Terminal } from '../terminal.js';
import { givenFlowText, type FlowSourceOptions } from './flow-text.js';
import { tellFile, type FlowFile } from './render-flows.js';

interface KeptOptions {
  readonly server: string;
  readonly cluster?: string;
  readonly output: 'text' | 'json';
}

export type KeepOptions = KeptOptions & FlowSourceOptions;

export interface ListKeptOptions extends KeptOptions {
  readonly namespace?: string;
  readonly verdict?: string;
  readonly seenSince?: string;
  readonly limit: string;
  readonly sort?: string;
  readonly cursor?: string;
}

interface RemoteKeep extends RemoteProvenance {
  readonly read: FlowFile;
  readonly kept: number;
  readonly refused: number;
  readonly unnamed: readonly string[];
  readonly dropped: number;
}

interface RemoteKept extends Page<RemoteKeptFlow>, RemoteProvenance {
  readonly total: number;
  readonly firstSeen: string | null;
  readonly lastSeen: string | null;
}

interface RemoteKeptFlow {
  readonly source: string;
  readonly destination: string;
  readonly protocol: string;
  readonly port: number | null;
  readonly seen: string;
  readonly count: number;
  readonly firstSeen: string;
  readonly lastSeen: string;
}

const HEADER = ['SOURCE', 'DESTINATION', 'SERVICE', 'SEEN', 'TIMES', 'FIRST', 'LAST'];

/** Adds flows to those that a cluster of a server keeps. */
export async function runKeep(options: KeepOptions, terminal: Terminal): Promise<ExitCode> {
  const { server, cluster } = clusterOfServer(options);
  const content = Buffer.from(await givenFlowText(options, terminal));
  const bytes = { content, contentType: 'application/x-ndjson' };
  const told = (await new ServerClient(server).postBytes(pathOf(cluster), bytes, {})) as RemoteKeep;
  const { read, kept, refused, unnamed, dropped } = told;
  tellFile(read, options.file ?? 'Relay', terminal);
  for (const peer of unnamed) terminal.err(`warning: ${peer} is not in the inventory, or is more than one workload`);
  if (options.output === 'json') terminal.out(JSON.stringify(told, null, 2));
  else {
    const counts = [`read ${String(read.flows)}`, `kept ${String(kept)}`, `refused ${String(refused)}`];
    terminal.out([...counts, `dropped ${String(dropped)} of the oldest`].join(', '));
  }
  terminal.err(provenanceLine(told));
  return EXIT.ok;
}

/** Lists the flows that a cluster of a server keeps, the last seen first. */
export async function runListKept(options: ListKeptOptions, terminal: Terminal): Promise<ExitCode> {
  const { server, cluster } = clusterOfServer(options);
  const { namespace, verdict, seenSince: since, limit, cursor, sort } = options;
  const query = { namespace, verdict, since, limit, cursor, sort };
  const told = (await new ServerClient(server).get(pathOf(cluster), query)) as RemoteKept;
  if (options.output === 'json') {
    terminal.out(JSON.stringify(told, null, 2));
    return EXIT.ok;
  }
  const rows = told.items.map(({ source, destination, protocol, port, seen, count, firstSeen, lastSeen }) => {
    const service = [protocol, port].join(' ').trim();
    return [source, destination, service, seen, String(count), firstSeen, lastSeen];
  });
  terminal.out(renderTable(HEADER, rows));
  const { total, firstSeen, lastSeen } = told;
  if (total > 0) terminal.err(`${String(total)} kept, seen since ${firstSeen ?? ''}, last ${lastSeen ?? ''}`);
  if (told.page.nextCursor !== null) terminal.err(`there is more: --cursor ${told.page.nextCursor}`);
  terminal.err(provenanceLine(told));
  return EXIT.ok;
}

function pathOf(cluster: string): string {
  return `clusters/${encodeURIComponent(cluster)}/flows`;
}
