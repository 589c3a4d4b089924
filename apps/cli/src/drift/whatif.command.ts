import type { FlowImpact, TriedFlows } from '#engine';

import { assertOneSource, clusterOfServer } from '../can/question-source.js';
import { CliError } from '../cli-error.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import type { TextFormat } from '../output/format-option.js';
import type { Terminal } from '../terminal.js';
import type { FailOn } from './drift-output.js';

/** Options of `atlas whatif`, as commander reads them. */
export interface WhatIfOptions {
  readonly dir?: string;
  readonly server?: string;
  readonly cluster?: string;
  readonly at?: string;
  readonly apply?: string;
  readonly remove?: string;
  readonly promote: readonly string[];
  readonly flows?: string;
  readonly reading?: 'intended' | 'enforced';
  readonly failOn: FailOn;
  readonly output: TextFormat;
}

/** Tells what a change would do, and which observed flows it would cut. */
export async function runWhatIf(options: WhatIfOptions, terminal: Terminal): Promise<ExitCode> {
  assertOneSource(options);
  if (options.apply === undefined && options.remove === undefined && options.promote.length === 0) {
    throw new CliError(EXIT.usage, 'say what would change: --apply, --remove or --promote');
  }
  if (options.dir === undefined) return askServer(options, terminal);
  const { whatIfFolder } = await import('./whatif-folder.js');
  return whatIfFolder(options.dir, options, terminal);
}

async function askServer(options: WhatIfOptions, terminal: Terminal): Promise<ExitCode> {
  const { at, reading } = options;
  const { server, cluster } = clusterOfServer(options);
  const [{ ServerClient }, { fetchDrift }, { tellDrift }, { readFlows }] = await Promise.all([
    import('../server/server-client.js'),
    import('./remote-drift.js'),
    import('./drift-output.js'),
    import('./read-flows.js'),
  ]);
  const flows = options.flows === undefined ? undefined : await readFlows(options.flows, terminal);
  const promote = options.promote.includes('all') ? 'all' : options.promote;
  const question = {
    cluster,
    encoding: 'base64',
    ...(at !== undefined && { at }),
    ...(options.apply !== undefined && { apply: await packed(options.apply) }),
    ...(options.remove !== undefined && { remove: await packed(options.remove) }),
    ...(promote.length > 0 && { promote }),
    ...(flows !== undefined && { flows }),
    ...(reading !== undefined && { reading }),
  };
  const { page: _, flows: impact, ...answer } = await fetchDrift(new ServerClient(server), 'what-if', question);
  const { reading: told, summary, entries, objects, ...extra } = answer;
  const title = `What would change in ${cluster}`;
  const judged = impact as RemoteFlows | null;
  const affected = await affectedFlows(judged);
  const keptFlows = judged?.kept === true ? keptFlowsOf(judged) : undefined;
  return tellDrift(
    { report: { reading: told, summary, entries, objects }, title, extra, flows: affected, keptFlows },
    options.output,
    options.failOn,
    terminal,
  );
}

async function packed(path: string): Promise<string> {
  const { packFolder } = await import('../manifests/pack-folder.js');
  return Buffer.from(await packFolder(path)).toString('base64');
}

/** The server tells protocols by name, as people write them. */
async function affectedFlows(flows: RemoteFlows | null): Promise<readonly FlowImpact[] | undefined> {
  const { parseProtocol } = await import('#engine');
  return flows?.affected.map(({ src, dst, protocol, port, ...impact }) => ({
    flow: { src, dst, port, protocol: parseProtocol(protocol) ?? 0 },
    ...impact,
  }));
}

function keptFlowsOf({ given, firstSeen, lastSeen }: RemoteFlows): TriedFlows {
  return { given, firstSeen, lastSeen };
}

interface RemoteFlows extends TriedFlows {
  readonly kept: boolean;
  readonly affected: readonly RemoteFlow[];
}

interface RemoteFlow extends Omit<FlowImpact, 'flow'> {
  readonly src: string;
  readonly dst: string;
  readonly protocol: string;
  readonly port: number | null;
}
